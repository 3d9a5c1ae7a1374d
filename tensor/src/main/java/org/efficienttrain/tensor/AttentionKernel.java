package org.efficienttrain.tensor;

import static org.efficienttrain.tensor.Ops.optional;
import static org.efficienttrain.tensor.Ops.scalar;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.VoidTensorHook;
import org.bytedeco.pytorch.global.torch;

/** The ways to compute attention. */
enum AttentionKernel {
  /** libtorch's single operation, which never holds all scores. */
  FUSED,

  /**
   * Two batched products and a softmax between them. libtorch, which was built without MKL, calls
   * the BLAS for one head after the other.
   */
  COMPOSED,

  /** The same with both products by oneDNN, which shares the heads out among threads. */
  BATCHED,

  /**
   * The same with the products as convolutions with 1x1 kernels, in which each head is a group:
   * libtorch gives them to oneDNN, which shares the heads out among threads.
   */
  CONVOLUTION,

  /**
   * {@link #FUSED} under a trained mask of few tokens: queries are widened by the rows of the
   * identity and keys by those of the mask, so that their products add it.
   */
  WIDENED;

  /** From so many scores on, those of all pairs of image and head, more change no choice. */
  private static final long MANY_SCORES = 1 << 20;

  /** Up to so many tokens under a trained mask. */
  private static final long MOST_WIDENED = 64;

  /** Numbers of float32 in the widest vectors, of 512 bits. */
  private static final long WIDEST = 16;

  /** From so many scores on, what it costs to lay them out anew is less than what it saves. */
  private static final long WORTH_LAYING_OUT = 1 << 13;

  private static final long LEAST_HEADS = 32;
  private static final long MOST_HEADS = 1024;

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
    if (mask == null) {
      return KernelChoices.chosen(shape(q, k, 1, type), byRule(type));
    }
    // The fused one makes several copies of a mask that is trained.
    return mask.requiresGrad() ? underMask(q, k, type) : byRule(type);
  }

  private static AttentionKernel underMask(Tensor q, Tensor k, DType type) {
    KernelShape.MaskedAttention shape = maskedShape(q, k, 1, type);
    return shape == null ? COMPOSED : KernelChoices.chosen(shape, COMPOSED);
  }

  /** In short types libtorch's fused attention on the CPU takes 10 times as long. */
  static AttentionKernel byRule(DType type) {
    return type == DType.FLOAT32 ? FUSED : COMPOSED;
  }

  /**
   * Whether attention can be computed as convolutions to advantage. libtorch does not give those of
   * a single thread to oneDNN.
   */
  private static boolean convolves(long keys, long width, DType type) {
    return type == DType.FLOAT32 && Torch.threads() > 1 && mayHoldScores(keys, width);
  }

  /** Whether oneDNN can be given batched products that go elsewhere by default, to advantage. */
  private static boolean batches(long keys, long width, DType type) {
    return type == DType.FLOAT32 && OneDnnProducts.available() && mayHoldScores(keys, width);
  }

  /** The ways that compute the two products one after the other, for a shape. */
  static List<AttentionKernel> ofTwoProducts(long keys, long width, DType type) {
    List<AttentionKernel> all = new ArrayList<>(List.of(COMPOSED));
    if (convolves(keys, width, type)) {
      all.add(CONVOLUTION);
    }
    if (batches(keys, width, type)) {
      all.add(BATCHED);
    }
    return all;
  }

  /** The ways for attention in float32 under a trained mask. */
  static List<AttentionKernel> underMask(long tokens, long width) {
    List<AttentionKernel> all = ofTwoProducts(tokens, width, DType.FLOAT32);
    if (tokens <= MOST_WIDENED) {
      all.add(WIDENED);
    }
    return all;
  }

  /** Where scores are larger than what they are made of they had better not be held. */
  private static boolean mayHoldScores(long keys, long width) {
    return keys <= 4 * width;
  }

  /**
   * The shape that stands for all with as many heads or more.
   *
   * @param times how many times as many heads there are
   */
  static KernelShape.Attention shape(Tensor q, Tensor k, long times, DType type) {
    return new KernelShape.Attention(
        heads(q, k, times), q.size(-2), k.size(-2), q.size(-1), !k.pointer().is_contiguous(), type);
  }

  /**
   * The shape of attention in float32 under a trained mask; null where there is no choice.
   *
   * @param times how many times as many heads there are
   */
  static KernelShape.MaskedAttention maskedShape(Tensor q, Tensor k, long times, DType type) {
    long tokens = q.size(-2);
    long width = q.size(-1);
    boolean free =
        type == DType.FLOAT32 && k.size(-2) == tokens && underMask(tokens, width).size() > 1;
    return free ? new KernelShape.MaskedAttention(heads(q, k, times), tokens, width) : null;
  }

  private static long heads(Tensor q, Tensor k, long times) {
    long all = times * q.numel() / Math.max(1, q.size(-1) * q.size(-2));
    long many = MANY_SCORES / Math.max(1, q.size(-2) * k.size(-2));
    long most = Math.max(LEAST_HEADS, Math.min(MOST_HEADS, many));
    return Long.highestOneBit(Math.min(all, most));
  }

  org.bytedeco.pytorch.Tensor compute(Tensor q, Tensor k, Tensor v, Tensor mask, double factor) {
    return switch (this) {
      case FUSED -> fused(q, k, v, mask, factor);
      case COMPOSED -> composed(q, k, v, mask, factor, org.bytedeco.pytorch.Tensor::matmul);
      case BATCHED ->
          during(Switch.ONEDNN, List.of(q, k, v), () -> COMPOSED.compute(q, k, v, mask, factor));
      case CONVOLUTION -> composed(q, k, v, mask, factor, AttentionKernel::convolved);
      case WIDENED -> widened(q, k, v, mask, factor);
    };
  }

  /**
   * On the CPU the threads of libtorch each compute products of their own here; threads of OpenBLAS
   * besides would stand in their way, so that it takes 2 to 4 times as long. OpenBLAS gets one for
   * the duration; MKL has no others than libtorch's.
   */
  private static org.bytedeco.pytorch.Tensor fused(
      Tensor q, Tensor k, Tensor v, Tensor mask, double factor) {
    try (TensorOptional m = optional(mask);
        DoubleOptional s = new DoubleOptional(factor)) {
      Supplier<org.bytedeco.pytorch.Tensor> attention =
          () ->
              torch.scaled_dot_product_attention(
                  q.pointer(), k.pointer(), v.pointer(), m, 0, false, s, false);
      return q.pointer().is_cpu() && !Torch.hasMkl()
          ? during(Switch.ONE_BLAS_THREAD, List.of(q, k, v), attention)
          : attention.get();
    }
  }

  /**
   * f (q, 1/f) (k, m^T)^T = f q k^T + m for a factor f; the values are widened by zeros, since
   * libtorch wants them as wide.
   */
  private static org.bytedeco.pytorch.Tensor widened(
      Tensor q, Tensor k, Tensor v, Tensor mask, double factor) {
    long tokens = q.size(-2);
    long width = q.size(-1);
    try (Scope scope = Scope.open()) {
      long[] added = LinearKernel.withLast(q.pointer(), tokens);
      var options = q.pointer().options();
      var identity = torch.eye(tokens, options).div(scalar(factor)).expand(added);
      var rows = mask.pointer().to(q.pointer().scalar_type()).transpose(-2, -1).expand(added);
      var queries = cat(q.pointer(), identity);
      var keys = cat(k.pointer(), rows);
      var values = cat(v.pointer(), GradientNodes.shapeOnly(q.pointer(), added));
      var wide = fused(new Tensor(queries), new Tensor(keys), new Tensor(values), null, factor);
      // As one of two parts: a part by itself has its gradient put into a tensor full of zeros.
      try (TensorVector parts = wide.split_with_sizes(new long[] {width, tokens}, -1)) {
        return scope.keep(new Tensor(new org.bytedeco.pytorch.Tensor(parts.get(0)))).pointer();
      }
    }
  }

  private static org.bytedeco.pytorch.Tensor cat(
      org.bytedeco.pytorch.Tensor a, org.bytedeco.pytorch.Tensor b) {
    try (TensorVector both = new TensorVector(a, b)) {
      return torch.cat(both, -1);
    }
  }

  /** Attention with a switch on for the duration, forward and backward. */
  private static org.bytedeco.pytorch.Tensor during(
      Switch what, List<Tensor> inputs, Supplier<org.bytedeco.pytorch.Tensor> attention) {
    what.turn(true);
    try {
      var result = attention.get();
      if (result.requires_grad()) {
        result.register_hook(what.on);
        inputs.stream()
            .filter(x -> x.requiresGrad() && !x.pointer().is_leaf())
            .findFirst()
            .ifPresent(x -> x.pointer().register_hook(what.off));
      }
      return result;
    } finally {
      what.turn(false);
    }
  }

  /**
   * Attention of two batched products.
   *
   * @param product of (..., M, K) and (..., K, N)
   */
  private static org.bytedeco.pytorch.Tensor composed(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor mask,
      double factor,
      BinaryOperator<org.bytedeco.pytorch.Tensor> product) {
    try (Scope scope = Scope.open()) {
      var keys = k.pointer().transpose(-2, -1);
      org.bytedeco.pytorch.Tensor scores;
      if (mask == null) {
        scores = product.apply(q.pointer().mul(scalar(factor)), keys);
      } else {
        // The scaling joins the addition: one pass over the scores.
        var products = product.apply(q.pointer(), keys);
        scores = mask.pointer().to(products.scalar_type()).add(products, scalar(factor));
      }
      return scope.keep(new Tensor(product.apply(softmax(scores), v.pointer()))).pointer();
    }
  }

  /**
   * Softmax over the last dimension of four. libtorch computes it row by row, in vectors, and takes
   * up to ten times as long where one is filled in part alone: short rows become columns for it.
   */
  private static org.bytedeco.pytorch.Tensor softmax(org.bytedeco.pytorch.Tensor scores) {
    long keys = scores.size(-1);
    boolean fills = keys == WIDEST / 2 && !Processor.hasWideVectors();
    if (keys >= WIDEST || fills || scores.numel() < WORTH_LAYING_OUT) {
      return scores.softmax(-1);
    }
    var columns = scores.permute(3, 0, 1, 2).contiguous().softmax(0);
    return columns.permute(1, 2, 3, 0).contiguous();
  }

  /** A batched product as a convolution: a is the kernels of as many groups, b the images. */
  private static org.bytedeco.pytorch.Tensor convolved(
      org.bytedeco.pytorch.Tensor a, org.bytedeco.pytorch.Tensor b) {
    long rows = a.size(-2);
    long inner = a.size(-1);
    long columns = b.size(-1);
    long groups = a.numel() / (rows * inner);
    return torch
        .conv2d(
            b.reshape(1, groups * inner, columns, 1),
            a.reshape(groups * rows, inner, 1, 1),
            new TensorOptional(),
            new long[] {1, 1},
            new long[] {0, 0},
            new long[] {1, 1},
            groups)
        .view(LinearKernel.withLast(a, columns));
  }

  /** What a way to compute attention sets for itself, and back for others. */
  private static final class Switch {
    static final Switch ONE_BLAS_THREAD =
        new Switch(on -> Torch.setBlasThreads(on ? 1 : Torch.threads()));
    static final Switch ONEDNN = new Switch(OneDnnProducts::use);

    private final Consumer<Boolean> setting;
    private final Turn on = new Turn(this, true);
    private final Turn off = new Turn(this, false);

    private Switch(Consumer<Boolean> setting) {
      this.setting = setting;
    }

    private void turn(boolean on) {
      setting.accept(on);
    }
  }

  /**
   * Turns a switch when the backward pass comes by. Lives as long as the process, since libtorch's
   * graph holds no Java object.
   */
  private static final class Turn extends VoidTensorHook {
    private final Switch what;
    private final boolean on;

    private Turn(Switch what, boolean on) {
      this.what = what;
      this.on = on;
      retainReference(); // made inside a scope, which must not free it
    }

    @Override
    public void call(TensorBase gradient) {
      what.turn(on);
    }
  }
}
