package org.efficienttrain.tensor.nn;

import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/** A full connection from (..., in) to (..., out). */
public final class Linear extends Layer {
  public final Tensor weight;

  /** Null without a bias. */
  public final Tensor bias;

  public Linear(long in, long out) {
    this(in, out, true);
  }

  public Linear(long in, long out, boolean bias) {
    this.weight = parameter("weight", Init.torchDefault(Tensors.zeros(out, in), in));
    this.bias = bias ? parameter("bias", Init.torchDefault(Tensors.zeros(out), in)) : null;
  }

  @Override
  public Tensor forward(Tensor x) {
    return Functional.linear(x, weight, bias);
  }
}
