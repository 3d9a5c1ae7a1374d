package org.efficienttrain.tensor.nn;

import java.util.List;
import org.efficienttrain.tensor.Tensor;

/** A module from one tensor to one tensor. */
public abstract class Layer extends Module {
  /** The forward pass. */
  public abstract Tensor forward(Tensor x);

  /**
   * Applies layers one after the other, freeing the handle on each intermediate result as soon as
   * the next one exists, as Python's {@code x = layer(x)} does.
   */
  public static Tensor chain(Tensor input, List<? extends Layer> layers) {
    Tensor x = input;
    for (Layer layer : layers) {
      Tensor y = layer.forward(x);
      if (x != input && x != y) {
        x.close();
      }
      x = y;
    }
    return x;
  }
}
