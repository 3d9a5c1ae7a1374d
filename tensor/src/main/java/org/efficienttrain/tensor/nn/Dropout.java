package org.efficienttrain.tensor.nn;

import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Tensor;

/** Dropout (Srivastava et al. 2014), in training only. */
public final class Dropout extends Layer {
  private final double probability;

  public Dropout(double probability) {
    this.probability = probability;
  }

  @Override
  public Tensor forward(Tensor x) {
    return Functional.dropout(x, probability, isTraining());
  }
}
