package org.efficienttrain.tensor.nn;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * Stochastic depth (Huang et al., ECCV 2016), for each sample by itself: drops a residual branch
 * for whole samples and scales the rest by what keeps the mean, in training only.
 *
 * <p>On the CPU a branch is not computed for samples that it is dropped for, which changes neither
 * result nor gradients beyond rounding.
 */
public final class DropPath extends Layer {
  /**
   * What the copies cost, as channels: a branch of C channels has work in proportion to C for every
   * number that is copied, so the share of samples that are dropped must be at least this by C.
   */
  private static final int COPIES = 24;

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

  /** {@link #add(Tensor, Tensor, UnaryOperator)} for a shortcut that is the input itself. */
  public Tensor add(Tensor x, UnaryOperator<Tensor> branch) {
    return add(x, x, branch);
  }

  /**
   * A shortcut plus the branch of an input.
   *
   * @param shortcut (N, ..., C)
   * @param x (N, ..., C)
   * @param branch from some samples of {@code x} to as many of the shortcut's shape, each from its
   *     own alone: no statistics over the batch. Where all are dropped it gets all, so that its
   *     parameters have gradients.
   */
  public Tensor add(Tensor shortcut, Tensor x, UnaryOperator<Tensor> branch) {
    if (!isTraining() || probability == 0) {
      return shortcut.add(branch.apply(x));
    }
    Tensor drawn = draw(x);
    if (x.device().equals(Device.CPU)) {
      long[] kept = ones(drawn);
      long samples = x.size(0);
      if (kept.length > 0 && (samples - kept.length) * x.size(-1) >= COPIES * samples) {
        Tensor index = Tensors.of(kept);
        Tensor y = branch.apply(x.indexSelect(0, index));
        return shortcut.indexAdd(0, index, y, 1 / (1 - probability));
      }
    }
    Tensor y = branch.apply(x);
    return shortcut.addcmul(y, mask(drawn, y));
  }

  /** The samples, some of them zero: for a branch that has statistics over the batch. */
  @Override
  public Tensor forward(Tensor x) {
    return !isTraining() || probability == 0 ? x : x.mul(mask(draw(x), x));
  }

  private static long[] ones(Tensor drawn) {
    float[] values = drawn.toFloats();
    return LongStream.range(0, values.length).filter(i -> values[(int) i] > 0).toArray();
  }

  /** (N): 0 with the probability, else 1. */
  private Tensor draw(Tensor x) {
    return Tensors.empty(DType.FLOAT32, x.device(), x.size(0)).bernoulli_(1 - probability);
  }

  /** The factors of a branch's samples, to be broadcast over it. */
  private Tensor mask(Tensor drawn, Tensor branch) {
    long[] shape = new long[branch.dim()];
    Arrays.fill(shape, 1);
    shape[0] = drawn.numel();
    return drawn.div(1 - probability).to(branch.dtype()).view(shape);
  }
}
