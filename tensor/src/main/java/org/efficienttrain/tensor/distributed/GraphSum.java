package org.efficienttrain.tensor.distributed;

import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;

/**
 * A sum over the ranks through which gradients flow: what every rank's loss says about the sum
 * counts for every rank's addend, so that backward sums over the ranks too.
 *
 * <p>The operations travel through a group of their own: backward starts them between the buckets
 * of the {@link GradientReducer}, and must never be taken for one of those.
 */
final class GraphSum implements AutoCloseable {
  private final BackendGroup backends;

  /** One for all tensors: libtorch calls it back through a weak reference. */
  private final SumGradients hook = new SumGradients();

  GraphSum(Ranks ranks, Store store, boolean cuda) {
    this.backends = new BackendGroup(ranks, "graph", store, cuda);
  }

  /** The sum, to the last bit the same on every rank. */
  Tensor of(Tensor addend) {
    try (Scope scope = Scope.open()) {
      Tensor sum = addend.detach().copy();
      backends.sum(sum.pointer());
      if (!addend.requiresGrad()) {
        return scope.keep(sum);
      }
      // Zero, with the gradient of the addend: the way to say this without an autograd function.
      Tensor out = sum.add(addend.sub(addend.detach()));
      out.pointer().register_hook(hook);
      return scope.keep(out);
    }
  }

  /** Replaces a gradient by its sum over the ranks. */
  private final class SumGradients extends TensorTensorHook {
    /** The last result: libtorch takes a reference when the call has returned. */
    private org.bytedeco.pytorch.Tensor result;

    @Override
    public TensorBase call(TensorBase gradient) {
      if (result != null) {
        result.deallocate();
      }
      try (org.bytedeco.pytorch.Tensor own = new org.bytedeco.pytorch.Tensor(gradient)) {
        result = own.clone();
      }
      backends.sum(result);
      return result;
    }
  }

  @Override
  public void close() {
    hook.deallocate();
    backends.close();
  }
}
