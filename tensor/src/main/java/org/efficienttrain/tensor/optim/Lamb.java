package org.efficienttrain.tensor.optim;

import java.util.List;
import org.efficienttrain.tensor.Script;
import org.efficienttrain.tensor.Tensor;

/**
 * LAMB (You et al. 2020) in the variant of NVIDIA and timm, which the EfficientTrain++ recipe of
 * CSWin-B uses: the gradient of all parameters together is first clipped to norm 1, moments are
 * bias corrected, and only parameters with weight decay have their step scaled to their own norm.
 */
public final class Lamb extends Optimizer {
  private static final double MAX_GRADIENT_NORM = 1;

  private static final Script STEP =
      Script.compile(
          "lamb",
          """
          def lamb(p: List[Tensor], grads: List[Tensor], m: List[Tensor], v: List[Tensor],
                   clip: Tensor, step: Tensor, lr: float, beta1: float, beta2: float, wd: float,
                   eps: float) -> None:
              g = torch._foreach_mul(grads, clip)
              torch._foreach_mul_(m, beta1)
              torch._foreach_add_(m, g, alpha=1.0 - beta1)
              torch._foreach_mul_(v, beta2)
              torch._foreach_addcmul_(v, g, g, 1.0 - beta2)
              bias1 = 1.0 - torch.pow(beta1, step)
              bias2 = 1.0 - torch.pow(beta2, step)
              root = torch._foreach_sqrt(v)
              torch._foreach_mul_(root, torch.rsqrt(bias2))
              torch._foreach_add_(root, eps)
              update = torch._foreach_mul(m, torch.reciprocal(bias1))
              torch._foreach_div_(update, root)
              if wd != 0.0:
                  torch._foreach_add_(update, p, alpha=wd)
                  wn = torch._foreach_norm(p)
                  un = torch._foreach_norm(update)
                  for i in range(len(p)):
                      ratio = torch.where((wn[i] > 0) & (un[i] > 0), wn[i] / un[i],
                                          torch.ones_like(wn[i]))
                      update[i].mul_(ratio)
              torch._foreach_add_(p, update, alpha=-lr)
          """);

  private final double beta1;
  private final double beta2;
  private final double eps;
  private Tensor clip;

  /** With the recipe's values: betas 0.9 and 0.999, eps 1e-6. */
  public Lamb(List<Parameter> parameters) {
    this(parameters, 0.9, 0.999, 1e-6);
  }

  public Lamb(List<Parameter> parameters, double beta1, double beta2, double eps) {
    super(parameters, "exp_avg", "exp_avg_sq");
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.eps = eps;
  }

  @Override
  void prepare() {
    Tensor norm = Gradients.norm(gradients());
    clip = norm.pow(-1).mul(MAX_GRADIENT_NORM).clamp(0, 1);
  }

  @Override
  void update(Operands operands, double learningRate, double weightDecay) {
    STEP.run(
        operands.parameters(),
        operands.gradients(),
        operands.state().get("exp_avg"),
        operands.state().get("exp_avg_sq"),
        clip,
        stepCount(),
        learningRate,
        beta1,
        beta2,
        weightDecay,
        eps);
  }
}
