package org.efficienttrain.tensor.optim;

import java.util.List;
import org.efficienttrain.tensor.Script;

/** Stochastic gradient descent with momentum and L2 decay, as {@code torch.optim.SGD}. */
public final class Sgd extends Optimizer {
  private static final Script STEP =
      Script.compile(
          "sgd",
          """
          def sgd(p: List[Tensor], g: List[Tensor], buf: List[Tensor], lr: float,
                  momentum: float, nesterov: bool, wd: float) -> None:
              d = g
              if wd != 0.0:
                  d = torch._foreach_add(g, p, alpha=wd)
              torch._foreach_mul_(buf, momentum)
              torch._foreach_add_(buf, d)
              if nesterov:
                  d = torch._foreach_add(d, buf, alpha=momentum)
              else:
                  d = buf
              torch._foreach_add_(p, d, alpha=-lr)
          """);

  private final double momentum;
  private final boolean nesterov;

  public Sgd(List<Parameter> parameters, double momentum, boolean nesterov) {
    super(parameters, "momentum");
    this.momentum = momentum;
    this.nesterov = nesterov;
  }

  @Override
  void update(Batch batch, double learningRate, double weightDecay) {
    STEP.run(
        batch.parameters(),
        batch.gradients(),
        batch.state().get("momentum"),
        learningRate,
        momentum,
        nesterov,
        weightDecay);
  }
}
