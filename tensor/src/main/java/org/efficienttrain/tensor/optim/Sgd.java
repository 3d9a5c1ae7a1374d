package org.efficienttrain.tensor.optim;

import java.util.List;
import org.efficienttrain.tensor.Script;

/**
 * Stochastic gradient descent with momentum and L2 decay, as {@code torch.optim.SGD}, fused into
 * one pass over memory.
 */
public final class Sgd extends Optimizer {
  private static final Script FUSED =
      Script.compile(
          "sgd",
          """
          def sgd(p: List[Tensor], g: List[Tensor], buf: List[Tensor], lr: float,
                  momentum: float, nesterov: bool, wd: float) -> None:
              torch._fused_sgd_(p, g, buf, weight_decay=wd, momentum=momentum, lr=lr,
                                dampening=0.0, nesterov=nesterov, maximize=False,
                                is_first_step=False)
          """);

  private final double momentum;
  private final boolean nesterov;

  public Sgd(List<Parameter> parameters, double momentum, boolean nesterov) {
    super(parameters, "momentum");
    this.momentum = momentum;
    this.nesterov = nesterov;
  }

  @Override
  void update(Operands operands, double learningRate, double weightDecay) {
    FUSED.run(
        operands.parameters(),
        operands.gradients(),
        operands.state().get("momentum"),
        learningRate,
        momentum,
        nesterov,
        weightDecay);
  }
}
