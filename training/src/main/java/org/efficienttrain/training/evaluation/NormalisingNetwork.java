package org.efficienttrain.training.evaluation;

import java.util.List;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.nn.Module;

/**
 * A network that takes colours in 0..1 and normalises them itself, for whoever should not have to
 * know how: (N, 3, S, S) RGB to logits. Its parameters are named {@code network.} and as before.
 */
public final class NormalisingNetwork extends Module {
  private final Tensor factor;
  private final Tensor offset;
  private final Backbone network;

  /**
   * Wraps a network, which stays the caller's to close.
   *
   * @param mean of red, green and blue in 0..1
   * @param std deviation of red, green and blue
   */
  public NormalisingNetwork(Backbone network, List<Double> mean, List<Double> std) {
    float[] factors = new float[3];
    float[] offsets = new float[3];
    for (int c = 0; c < 3; c++) {
      factors[c] = (float) (1 / std.get(c));
      offsets[c] = (float) (mean.get(c) / std.get(c));
    }
    this.factor = buffer("factor", Tensors.of(factors, 1, 3, 1, 1));
    this.offset = buffer("offset", Tensors.of(offsets, 1, 3, 1, 1));
    this.network = child("network", network);
  }

  /** Logits of images in 0..1. */
  public Tensor forward(Tensor images) {
    try (Scope scope = Scope.open()) {
      return scope.keep(network.forward(images.mul(factor).sub(offset)));
    }
  }
}
