package org.efficienttrain.tensor.nn;

import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Tensor;

/** Stochastic depth: drops a residual branch for whole samples, in training only. */
public final class DropPath extends Layer {
  private final double probability;

  public DropPath(double probability) {
    this.probability = probability;
  }

  /** Probabilities that grow linearly from 0 to {@code last} over {@code depth} blocks. */
  public static double[] linear(double last, int depth) {
    double[] rates = new double[depth];
    for (int i = 0; i < depth; i++) {
      rates[i] = depth == 1 ? 0 : last * i / (depth - 1);
    }
    return rates;
  }

  /** The shortcut plus the branch, which is dropped for whole samples in training: one pass. */
  public Tensor add(Tensor shortcut, Tensor branch) {
    return Functional.residual(shortcut, branch, probability, isTraining());
  }

  @Override
  public Tensor forward(Tensor x) {
    return Functional.dropPath(x, probability, isTraining());
  }
}
