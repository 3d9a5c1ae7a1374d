package org.efficienttrain.tensor.optim;

import java.util.Collections;
import java.util.List;
import org.efficienttrain.tensor.Script;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019), fused into one pass over memory.
 */
public final class AdamW extends Optimizer {
  private static final Script FUSED =
      Script.compile(
          "adamw",
          """
          def adamw(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor],
                    steps: List[Tensor], lr: float, beta1: float, beta2: float, wd: float,
                    eps: float) -> None:
              none: List[Tensor] = []
              torch._fused_adamw_(p, g, m, v, none, steps, lr=lr, beta1=beta1, beta2=beta2,
                                  weight_decay=wd, eps=eps, amsgrad=False, maximize=False)
          """);

  private final double beta1;
  private final double beta2;
  private final double eps;

  /** With PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8. */
  public AdamW(List<Parameter> parameters) {
    this(parameters, 0.9, 0.999, 1e-8);
  }

  public AdamW(List<Parameter> parameters, double beta1, double beta2, double eps) {
    super(parameters, "exp_avg", "exp_avg_sq");
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.eps = eps;
  }

  @Override
  void update(Operands operands, double learningRate, double weightDecay) {
    FUSED.run(
        operands.parameters(),
        operands.gradients(),
        operands.state().get("exp_avg"),
        operands.state().get("exp_avg_sq"),
        Collections.nCopies(operands.parameters().size(), stepCount()),
        learningRate,
        beta1,
        beta2,
        weightDecay,
        eps);
  }
}
