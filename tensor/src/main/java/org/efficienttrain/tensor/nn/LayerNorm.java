package org.efficienttrain.tensor.nn;

import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/** Layer normalisation over the last dimension (Ba et al. 2016). */
public final class LayerNorm extends Layer {
  public final Tensor weight;

  /** Null without a bias. */
  public final Tensor bias;

  private final double eps;

  public LayerNorm(long channels, double eps) {
    this(channels, eps, true);
  }

  public LayerNorm(long channels, double eps, boolean bias) {
    this.eps = eps;
    this.weight = parameter("weight", Tensors.ones(channels));
    this.bias = bias ? parameter("bias", Tensors.zeros(channels)) : null;
  }

  @Override
  public Tensor forward(Tensor x) {
    return Functional.layerNorm(x, weight, bias, eps);
  }
}
