package org.efficienttrain.tensor.optim;

import java.util.List;
import org.efficienttrain.tensor.Script;

/**
 * LARS (You, Gitman and Ginsburg 2017) in the form with which linear probes of masked autoencoders
 * are trained: momentum over gradients that, for parameters of two or more dimensions, are scaled
 * to a share of the parameter's own norm. Vectors follow plain momentum.
 *
 * <p>Source of the numbers: facebookresearch/mae, {@code util/lars.py}.
 */
public final class Lars extends Optimizer {
  private static final double TRUST = 0.001;

  private static final Script STEP =
      Script.compile(
          "lars",
          """
          def lars(p: List[Tensor], g: List[Tensor], buf: List[Tensor], lr: float,
                   momentum: float, trust: float, wd: float) -> None:
              d: List[Tensor] = []
              for i in range(len(p)):
                  step = g[i]
                  if p[i].dim() > 1:
                      step = torch.add(step, p[i], alpha=wd)
                      pn = torch.norm(p[i])
                      gn = torch.norm(step)
                      ratio = torch.where((pn > 0) & (gn > 0), trust * pn / gn,
                                          torch.ones_like(pn))
                      step = step * ratio
                  d.append(step)
              torch._foreach_mul_(buf, momentum)
              torch._foreach_add_(buf, d)
              torch._foreach_add_(p, buf, alpha=-lr)
          """);

  private final double momentum;
  private final double trust;

  /** With the trust coefficient of the paper, 0.001. */
  public Lars(List<Parameter> parameters, double momentum) {
    this(parameters, momentum, TRUST);
  }

  /**
   * Builds it, outside any scope.
   *
   * @param momentum share of the earlier steps, in [0, 1)
   * @param trust norm of a gradient, in norms of its parameter, above 0
   */
  public Lars(List<Parameter> parameters, double momentum, double trust) {
    super(parameters, "momentum");
    this.momentum = momentum;
    this.trust = trust;
  }

  @Override
  void update(Operands operands, double learningRate, double weightDecay) {
    STEP.run(
        operands.parameters(),
        operands.gradients(),
        operands.state().get("momentum"),
        learningRate,
        momentum,
        trust,
        weightDecay);
  }
}
