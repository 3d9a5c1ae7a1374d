package org.efficienttrain.tensor;

import static org.efficienttrain.tensor.Ops.call;
import static org.efficienttrain.tensor.Ops.scalar;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * What {@link Tensor} has for many elements at once: sums, extremes and what goes along a
 * dimension.
 */
sealed interface ReductionOps permits Tensor {
  org.bytedeco.pytorch.Tensor pointer();

  /** Whether every element is true. */
  default boolean all() {
    try (Scope scope = Scope.open()) {
      return call("all", () -> pointer().all(), this).item() != 0;
    }
  }

  default Tensor sum() {
    return call("sum", pointer()::sum, this);
  }

  default Tensor mean() {
    return call("mean", pointer()::mean, this);
  }

  default Tensor sum(long[] dims, boolean keepDim) {
    return call(
        "sum", () -> pointer().sum(dims, keepDim, new ScalarTypeOptional()), this, dims, keepDim);
  }

  default Tensor mean(long[] dims, boolean keepDim) {
    return call(
        "mean", () -> pointer().mean(dims, keepDim, new ScalarTypeOptional()), this, dims, keepDim);
  }

  default Tensor var(long[] dims, boolean unbiased, boolean keepDim) {
    return call("var", () -> pointer().var(dims, unbiased, keepDim), this, dims, unbiased, keepDim);
  }

  default Tensor amax(long[] dims, boolean keepDim) {
    return call("amax", () -> pointer().amax(dims, keepDim), this, dims, keepDim);
  }

  default Tensor amin(long[] dims, boolean keepDim) {
    return call("amin", () -> pointer().amin(dims, keepDim), this, dims, keepDim);
  }

  default Tensor argmax(long dim) {
    return call("argmax", () -> pointer().argmax(new LongOptional(dim), false), this, dim);
  }

  /** The order that sorts along a dimension; equal elements keep theirs. */
  default Tensor argsort(long dim, boolean descending) {
    return call("argsort", () -> pointer().argsort(true, dim, descending), this, dim, descending);
  }

  /** The Euclidean norm of all elements. */
  default Tensor norm() {
    return call("norm", () -> pointer().norm(), this);
  }

  /** The indices of the {@code k} largest elements along a dimension, largest first. */
  default Tensor topkIndices(long k, long dim) {
    return call(
        "topk_indices",
        () -> {
          try (var pair = torch.topk(pointer(), k, dim, true, true)) {
            return new org.bytedeco.pytorch.Tensor(pair.get1());
          }
        },
        this,
        k,
        dim);
  }

  default Tensor softmax(long dim) {
    return call("softmax", () -> pointer().softmax(dim), this, dim);
  }

  default Tensor logSoftmax(long dim) {
    return call("log_softmax", () -> pointer().log_softmax(dim), this, dim);
  }

  default Tensor cumsum(long dim) {
    return call("cumsum", () -> pointer().cumsum(dim), this, dim);
  }

  default Tensor maskedFill(Tensor mask, double value) {
    return call(
        "masked_fill",
        () -> pointer().masked_fill(mask.pointer(), scalar(value)),
        this,
        mask,
        value);
  }
}
