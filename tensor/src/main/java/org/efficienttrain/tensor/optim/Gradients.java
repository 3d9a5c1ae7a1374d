package org.efficienttrain.tensor.optim;

import java.util.List;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Script;
import org.efficienttrain.tensor.Tensor;

/** What is done to all gradients together. */
public final class Gradients {
  private static final Script NORM =
      Script.compile(
          "gradient_norm",
          """
          def gradient_norm(g: List[Tensor]) -> Tensor:
              return torch.norm(torch.stack(torch._foreach_norm(g)))
          """);

  private static final Script SCALE =
      Script.compile(
          "scale_gradients",
          """
          def scale_gradients(g: List[Tensor], factor: Tensor) -> None:
              torch._foreach_mul_(g, factor)
          """);

  private Gradients() {}

  /** The Euclidean norm of all gradients together, a scalar. */
  public static Tensor norm(List<Tensor> gradients) {
    try (NoGrad noGrad = NoGrad.open()) {
      return NORM.run(gradients);
    }
  }

  /** Multiplies all gradients by a scalar, in place. */
  public static void scale(List<Tensor> gradients, Tensor factor) {
    try (NoGrad noGrad = NoGrad.open()) {
      SCALE.run(gradients, factor);
    }
  }

  /**
   * Scales the gradients down, in place, where their norm exceeds a limit, as {@code
   * torch.nn.utils.clip_grad_norm_}.
   *
   * @param norm of all of them, as {@link #norm} gives it
   */
  public static void clip(List<Tensor> gradients, Tensor norm, double maxNorm) {
    try (NoGrad noGrad = NoGrad.open()) {
      scale(gradients, norm.add(1e-6).pow(-1).mul(maxNorm).clamp(0, 1));
    }
  }
}
