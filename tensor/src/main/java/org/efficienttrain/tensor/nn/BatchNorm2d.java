package org.efficienttrain.tensor.nn;

import java.util.List;
import java.util.function.UnaryOperator;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * Batch normalisation over (N, C, H, W) or (N, C) (Ioffe and Szegedy 2015), momentum 0.1, eps 1e-5
 * as PyTorch's unless asked otherwise.
 *
 * <p>The count of batches that PyTorch also stores ({@code num_batches_tracked}) decides nothing at
 * this momentum and is left out.
 */
public final class BatchNorm2d extends Layer {
  private static final double MOMENTUM = 0.1;
  private static final double EPSILON = 1e-5;

  /** Null without scale and shift. */
  public final Tensor weight;

  /** Null without scale and shift. */
  public final Tensor bias;

  public final Tensor runningMean;
  public final Tensor runningVar;

  private final double epsilon;

  /** Null where a process goes by its own batch. */
  private UnaryOperator<Tensor> sumOverRanks;

  public BatchNorm2d(long channels) {
    this(channels, EPSILON, true);
  }

  /**
   * Builds the layer, outside any scope.
   *
   * @param epsilon added to the variance
   * @param affine whether a trained scale and shift follow
   */
  public BatchNorm2d(long channels, double epsilon, boolean affine) {
    this.epsilon = epsilon;
    this.weight = affine ? parameter("weight", Tensors.ones(channels)) : null;
    this.bias = affine ? parameter("bias", Tensors.zeros(channels)) : null;
    this.runningMean = buffer("running_mean", Tensors.zeros(channels));
    this.runningVar = buffer("running_var", Tensors.ones(channels));
  }

  /**
   * Makes training go by the statistics of all ranks' batches together, as PyTorch's SyncBatchNorm.
   *
   * @param sumOverRanks sums a vector over the ranks, and its gradient too
   */
  public void synchronise(UnaryOperator<Tensor> sumOverRanks) {
    this.sumOverRanks = sumOverRanks;
  }

  @Override
  public Tensor forward(Tensor x) {
    return sumOverRanks != null && isTraining()
        ? synchronised(x)
        : Functional.batchNorm(
            x, weight, bias, runningMean, runningVar, isTraining(), MOMENTUM, epsilon);
  }

  /**
   * One sum over the ranks: of deviations, of their squares and of counts. Deviations from the
   * running mean, which all ranks share, so that no large numbers cancel in the variance.
   */
  private Tensor synchronised(Tensor x) {
    long channels = x.size(1);
    long[] others = x.dim() == 2 ? new long[] {0} : new long[] {0, 2, 3};
    try (Scope scope = Scope.open()) {
      DType type = runningMean.dtype();
      Tensor deviation = x.to(type).sub(perChannel(x, runningMean));
      Tensor count = Tensors.full((double) x.numel() / channels, type, x.device(), 1);
      Tensor own =
          Tensors.cat(
              List.of(deviation.sum(others, false), deviation.square().sum(others, false), count),
              0);
      Tensor all = sumOverRanks.apply(own);
      Tensor n = all.narrow(0, 2 * channels, 1).detach();
      Tensor mean = all.narrow(0, 0, channels).div(n);
      Tensor variance =
          all.narrow(0, channels, channels)
              .div(n)
              .sub(mean.square())
              .clamp(0, Double.POSITIVE_INFINITY);
      Tensor scale = variance.add(epsilon).rsqrt();
      Tensor y = deviation.sub(perChannel(x, mean));
      y =
          weight == null
              ? y.mul(perChannel(x, scale))
              : y.mul(perChannel(x, scale.mul(weight))).add(perChannel(x, bias));
      updateRunning(mean, variance, n);
      return scope.keep(y.to(x.dtype()));
    }
  }

  /** One value per channel, shaped to meet {@code x}. */
  private static Tensor perChannel(Tensor x, Tensor values) {
    return x.dim() == 2 ? values.reshape(1, -1) : values.reshape(1, -1, 1, 1);
  }

  /** The running variance is the unbiased one, as PyTorch's. */
  private void updateRunning(Tensor deviation, Tensor variance, Tensor n) {
    try (NoGrad noGrad = NoGrad.open()) {
      runningMean.add_(deviation, MOMENTUM);
      runningVar.lerp_(variance.mul(n).div(n.sub(1)), MOMENTUM);
    }
  }
}
