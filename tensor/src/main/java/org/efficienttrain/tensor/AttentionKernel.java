package org.efficienttrain.tensor;

import static org.efficienttrain.tensor.Ops.optional;
import static org.efficienttrain.tensor.Ops.scalar;

import java.util.List;
import java.util.Locale;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.VoidTensorHook;
import org.bytedeco.pytorch.global.torch;

/** The ways to compute attention. */
enum AttentionKernel {
  /** libtorch's single operation, which never holds all scores. */
  FUSED,

  /** Two batched products and a softmax between them. */
  COMPOSED,

  /**
   * The same with several heads in one product, for few tokens under a mask: {@link HeadGroups}.
   */
  GROUPED;

  /** From this many pairs of image and head on, more of them change no choice. */
  private static final long MANY_HEADS = 32;

  /** The same where tokens are few, so that what each group costs besides counts for nothing. */
  private static final long MANY_GROUPED = 1024;

  static AttentionKernel named(String name) {
    for (AttentionKernel kernel : values()) {
      if (kernel.text().equals(name)) {
        return kernel;
      }
    }
    return null;
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Attention by whichever way is chosen for its shape.
   *
   * @param mask optional
   */
  static org.bytedeco.pytorch.Tensor apply(
      Tensor q, Tensor k, Tensor v, Tensor mask, double factor) {
    return choose(q, k, mask).compute(q, k, v, mask, factor);
  }

  private static AttentionKernel choose(Tensor q, Tensor k, Tensor mask) {
    if (!q.pointer().is_cpu() || q.dtype() == DType.FLOAT64) {
      return FUSED;
    }
    DType type = LinearKernel.computedIn(q);
    if (mask != null && mask.requiresGrad()) {
      // The fused one makes several copies of a mask that is trained.
      return HeadGroups.size(q, k, mask, type) > 1
              && named(KernelChoices.active().of(grouped(q, k, mask, 1, type).text())) == GROUPED
          ? GROUPED
          : COMPOSED;
    }
    AttentionKernel chosen =
        mask != null ? null : named(KernelChoices.active().of(shape(q, k, type).text()));
    return chosen != null ? chosen : byRule(type);
  }

  /** In short types libtorch's fused attention on the CPU takes 10 times as long. */
  static AttentionKernel byRule(DType type) {
    return type == DType.FLOAT32 ? FUSED : COMPOSED;
  }

  /** The shape that stands for all with as many heads or more. */
  static KernelShape.Attention shape(Tensor q, Tensor k, DType type) {
    return shape(q, k, q.numel() / Math.max(1, q.size(-1) * q.size(-2)), type);
  }

  static KernelShape.Attention shape(Tensor q, Tensor k, long heads, DType type) {
    return new KernelShape.Attention(
        Math.min(MANY_HEADS, Long.highestOneBit(heads)), q.size(-2), k.size(-2), q.size(-1), type);
  }

  /**
   * The shape of attention under a trained mask, of which {@link HeadGroups} can join heads.
   *
   * @param times how many times as many heads there are
   */
  static KernelShape.MaskedAttention grouped(
      Tensor q, Tensor k, Tensor mask, long times, DType type) {
    long heads = times * q.numel() / (q.size(-1) * q.size(-2));
    return new KernelShape.MaskedAttention(
        Math.min(MANY_GROUPED, Long.highestOneBit(heads)),
        HeadGroups.size(q, k, mask, type),
        q.size(-2),
        q.size(-1));
  }

  org.bytedeco.pytorch.Tensor compute(Tensor q, Tensor k, Tensor v, Tensor mask, double factor) {
    return switch (this) {
      case FUSED -> fused(q, k, v, mask, factor);
      case COMPOSED -> composed(q, k, v, mask, factor);
      case GROUPED ->
          HeadGroups.apply(
              HeadGroups.size(q, k, mask, DType.FLOAT32),
              List.of(q, k, v, mask),
              x -> composed(x.get(0), x.get(1), x.get(2), x.get(3), factor));
    };
  }

  /**
   * On the CPU the threads of libtorch each compute products of their own here; threads of OpenBLAS
   * besides would stand in their way, so that it takes 2 to 4 times as long. OpenBLAS gets one for
   * the duration, forward and backward.
   */
  private static org.bytedeco.pytorch.Tensor fused(
      Tensor q, Tensor k, Tensor v, Tensor mask, double factor) {
    boolean cpu = q.pointer().is_cpu();
    try (TensorOptional m = optional(mask);
        DoubleOptional s = new DoubleOptional(factor)) {
      if (cpu) {
        openblas.blas_set_num_threads(1);
      }
      var result =
          torch.scaled_dot_product_attention(
              q.pointer(), k.pointer(), v.pointer(), m, 0, false, s, false);
      if (cpu && result.requires_grad()) {
        result.register_hook(BlasThreads.ONE);
        for (Tensor input : new Tensor[] {q, k, v}) {
          if (input.requiresGrad() && !input.pointer().is_leaf()) {
            input.pointer().register_hook(BlasThreads.ALL);
            break;
          }
        }
      }
      return result;
    } finally {
      if (cpu) {
        openblas.blas_set_num_threads(Torch.threads());
      }
    }
  }

  private static org.bytedeco.pytorch.Tensor composed(
      Tensor q, Tensor k, Tensor v, Tensor mask, double factor) {
    try (Scope scope = Scope.open()) {
      var keys = k.pointer().transpose(-2, -1);
      org.bytedeco.pytorch.Tensor scores;
      if (mask == null) {
        scores = q.pointer().mul(scalar(factor)).matmul(keys);
      } else {
        // The scaling joins the addition: one pass over the scores.
        var products = q.pointer().matmul(keys);
        scores = mask.pointer().to(products.scalar_type()).add(products, scalar(factor));
      }
      return scope.keep(new Tensor(scores.softmax(-1).matmul(v.pointer()))).pointer();
    }
  }

  /**
   * Sets how many threads OpenBLAS uses when the backward pass comes by. Without state: the two
   * live as long as the process, since libtorch's graph holds no Java object.
   */
  private static final class BlasThreads extends VoidTensorHook {
    static final BlasThreads ONE = new BlasThreads(false);
    static final BlasThreads ALL = new BlasThreads(true);

    private final boolean all;

    private BlasThreads(boolean all) {
      this.all = all;
      retainReference(); // made inside a scope, which must not free it
    }

    @Override
    public void call(TensorBase gradient) {
      openblas.blas_set_num_threads(all ? Torch.threads() : 1);
    }
  }
}
