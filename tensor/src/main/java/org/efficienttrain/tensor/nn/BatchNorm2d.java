package org.efficienttrain.tensor.nn;

import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * Batch normalisation over (N, C, H, W) (Ioffe and Szegedy 2015), momentum 0.1, eps 1e-5 as
 * PyTorch's.
 *
 * <p>The count of batches that PyTorch also stores ({@code num_batches_tracked}) decides nothing at
 * this momentum and is left out.
 */
public final class BatchNorm2d extends Layer {
  public final Tensor weight;
  public final Tensor bias;
  public final Tensor runningMean;
  public final Tensor runningVar;

  public BatchNorm2d(long channels) {
    this.weight = parameter("weight", Tensors.ones(channels));
    this.bias = parameter("bias", Tensors.zeros(channels));
    this.runningMean = buffer("running_mean", Tensors.zeros(channels));
    this.runningVar = buffer("running_var", Tensors.ones(channels));
  }

  @Override
  public Tensor forward(Tensor x) {
    return Functional.batchNorm(x, weight, bias, runningMean, runningVar, isTraining(), 0.1, 1e-5);
  }
}
