package org.efficienttrain.tensor.distributed;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.BoolVector;
import org.bytedeco.pytorch.ProcessGroup;
import org.bytedeco.pytorch.Reducer;
import org.bytedeco.pytorch.SizeTStringMap;
import org.bytedeco.pytorch.SizeTVector;
import org.bytedeco.pytorch.SizeTVectorVector;
import org.bytedeco.pytorch.TensorVector;
import org.efficienttrain.tensor.Tensor;

/**
 * c10d's Reducer, driven as {@code torch.nn.parallel.DistributedDataParallel} drives it: hooks on
 * the parameters fill buckets during backward, and a full bucket travels while the rest is still
 * being computed.
 */
final class GradientReducer implements AutoCloseable {
  /** DistributedDataParallel's {@code bucket_cap_mb}. */
  private static final long BUCKET_BYTES = 25L << 20;

  /** A small first bucket starts the traffic early. */
  private static final long FIRST_BUCKET_BYTES = 1L << 20;

  private final TensorVector parameters;
  private final Reducer reducer;

  GradientReducer(List<Tensor> tensors, ProcessGroup group) {
    org.bytedeco.pytorch.Tensor[] pointers =
        tensors.stream().map(Tensor::pointer).toArray(org.bytedeco.pytorch.Tensor[]::new);
    this.parameters = new TensorVector(pointers);
    SizeTVector[] buckets =
        buckets(tensors).stream()
            .map(bucket -> new SizeTVector(bucket.stream().mapToLong(i -> i).toArray()))
            .toArray(SizeTVector[]::new);
    try (SizeTVectorVector indices = new SizeTVectorVector(buckets);
        BoolVector sparse = new BoolVector(new boolean[pointers.length]);
        SizeTStringMap names = new SizeTStringMap()) {
      this.reducer =
          new Reducer(
              parameters,
              indices,
              group,
              sparse,
              BUCKET_BYTES,
              false, // find_unused_parameters: every parameter takes part in every step
              false, // gradient_as_bucket_view: the gradients stay the optimiser's
              names,
              FIRST_BUCKET_BYTES,
              false,
              false);
    } finally {
      for (SizeTVector bucket : buckets) {
        bucket.deallocate();
      }
    }
  }

  /**
   * The first guess at buckets, last parameters first: about the order in which gradients come. The
   * Reducer makes new ones after the first step, when it has seen the order.
   */
  private static List<List<Integer>> buckets(List<Tensor> tensors) {
    List<List<Integer>> buckets = new ArrayList<>();
    List<Integer> bucket = new ArrayList<>();
    long bytes = 0;
    for (int i = tensors.size() - 1; i >= 0; i--) {
      Tensor tensor = tensors.get(i);
      boolean mixed = !bucket.isEmpty() && tensors.get(bucket.get(0)).dtype() != tensor.dtype();
      if (mixed || bytes >= (buckets.isEmpty() ? FIRST_BUCKET_BYTES : BUCKET_BYTES)) {
        buckets.add(bucket);
        bucket = new ArrayList<>();
        bytes = 0;
      }
      bucket.add(i);
      bytes += tensor.numel() * tensor.dtype().bytes();
    }
    buckets.add(bucket);
    return buckets;
  }

  /** The gradients of the next backward are averaged. */
  void prepare() {
    reducer.rebuild_buckets(); // once, after the first step; then it does nothing
    reducer.prepare_for_forward();
    try (TensorVector outputs = new TensorVector()) {
      reducer.prepare_for_backward(outputs);
    }
  }

  @Override
  public void close() {
    reducer.remove_autograd_hooks();
    reducer.deallocate();
    parameters.deallocate();
  }
}
