package org.efficienttrain.tensor;

import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention over few tokens, such as within small windows, with several heads in one product.
 *
 * <p>libtorch without MKL computes batched products in float32 one after the other, each with a
 * call to OpenBLAS that takes longer than the arithmetic. Heads that lie side by side are taken for
 * one head with the tokens of all; what one head's tokens make of another's is masked away. That is
 * several times the arithmetic in a fraction of the calls.
 */
final class HeadGroups {
  /** Tokens of all heads of a group: from here on calls matter little. */
  private static final long ENOUGH_TOKENS = 36;

  /** What is added to scores that must not count: their exponential is 0. */
  private static final double NEVER = -1e30;

  private HeadGroups() {}

  /** How many heads go together in attention that computes in a type; 1 for none. */
  static long size(Tensor q, Tensor k, Tensor mask, DType type) {
    long tokens = q.size(-2);
    boolean fits =
        type == DType.FLOAT32
            && k.size(-2) == tokens
            && q.dim() == 4
            && mask != null
            && mask.dim() == 4
            && mask.size(0) == 1
            && mask.size(1) == q.size(1);
    for (long group = fits ? ENOUGH_TOKENS / tokens : 1; group > 1; group--) {
      if (q.size(1) % group == 0) {
        return group;
      }
    }
    return 1;
  }

  /**
   * Attention with groups of heads.
   *
   * @param inputs q, k and v of (N, heads, L, d), and a mask of (1, heads, L, L)
   * @param attention computes it from the like
   */
  static org.bytedeco.pytorch.Tensor apply(
      long group,
      List<Tensor> inputs,
      Function<List<Tensor>, org.bytedeco.pytorch.Tensor> attention) {
    Tensor q = inputs.get(0);
    try (Scope scope = Scope.open()) {
      var result =
          attention.apply(
              List.of(
                  joined(q, group),
                  joined(inputs.get(1), group),
                  joined(inputs.get(2), group),
                  blocks(inputs.get(3), group)));
      return scope.keep(new Tensor(result).view(q.shape())).pointer();
    }
  }

  private static Tensor joined(Tensor x, long group) {
    return x.reshape(x.size(0), x.size(1) / group, group * x.size(2), x.size(3));
  }

  /** The masks of a group's heads along the diagonal of one. */
  private static Tensor blocks(Tensor mask, long group) {
    long groups = mask.size(1) / group;
    long tokens = mask.size(2);
    Tensor last = mask.view(1, groups, group, tokens, tokens).permute(0, 1, 3, 4, 2);
    var between = new Tensor(torch.eye(group)).sub(1).mul(-NEVER).view(1, 1, group, 1, group, 1);
    // (1, groups, group, L, group, L), 0 between heads.
    var diagonal = torch.diag_embed(last.pointer(), 0, 2, 4);
    return new Tensor(diagonal.add(between.pointer()))
        .view(1, groups, group * tokens, group * tokens);
  }
}
