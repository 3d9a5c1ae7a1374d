package org.efficienttrain.tensor.optim;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Script;
import org.efficienttrain.tensor.Tensor;

/**
 * An exponential moving average of a network's state: after each step, average = decay * average +
 * (1 - decay) * state. Buffers are averaged too, as timm does.
 */
public final class Ema {
  private static final Script STEP =
      Script.compile(
          "ema",
          """
          def ema(average: List[Tensor], state: List[Tensor], weight: float) -> None:
              torch._foreach_lerp_(average, state, weight)
          """);

  private final double decay;
  private final List<Tensor> source;
  private final Map<String, Tensor> average = new LinkedHashMap<>();

  /**
   * Starts from the present state.
   *
   * @param decay in [0, 1)
   */
  public Ema(Map<String, Tensor> state, double decay) {
    if (Scope.isOpen()) {
      throw new IllegalStateException("an average is being built inside a Scope");
    }
    this.decay = decay;
    this.source = new ArrayList<>(state.values());
    try (NoGrad noGrad = NoGrad.open()) {
      state.forEach((name, t) -> average.put(name, t.detach().copy()));
    }
  }

  /** Moves the average towards the present state. */
  public void update() {
    try (NoGrad noGrad = NoGrad.open()) {
      STEP.run(new ArrayList<>(average.values()), source, 1 - decay);
    }
  }

  /** The averaged state by name. */
  public Map<String, Tensor> state() {
    return Collections.unmodifiableMap(average);
  }

  /** Frees the average. */
  public void close() {
    average.values().forEach(Tensor::close);
  }
}
