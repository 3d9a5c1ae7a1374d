package org.efficienttrain.tensor.optim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;

/**
 * Changes parameters along their gradients.
 *
 * <p>Parameters with equal weight decay and learning-rate scale form a group, which one native call
 * updates; those without a gradient are left alone. State tensors are float32 and named {@code
 * exp_avg.<parameter>} and so on, beside {@code step}, the number of steps taken.
 */
public abstract class Optimizer {
  /** What the parameters of one group have in common. */
  record Rule(double weightDecay, double learningRateScale) {}

  private final Map<Rule, List<Parameter>> groups = new LinkedHashMap<>();
  private final List<Parameter> parameters;
  private final Map<String, Map<String, Tensor>> slots = new LinkedHashMap<>();
  private final Tensor step;

  /** An optimiser with one state tensor per parameter and slot, zero at first. */
  Optimizer(List<Parameter> parameters, String... slotNames) {
    if (Scope.isOpen()) {
      throw new IllegalStateException(
          "an optimiser is being built inside a Scope, which would free its state");
    }
    this.parameters = List.copyOf(parameters);
    for (Parameter p : parameters) {
      groups
          .computeIfAbsent(new Rule(p.weightDecay(), p.learningRateScale()), r -> new ArrayList<>())
          .add(p);
    }
    for (String slot : slotNames) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Parameter p : parameters) {
        try (NoGrad noGrad = NoGrad.open()) {
          tensors.put(p.name(), Tensors.zerosLike(p.tensor().detach()));
        }
      }
      slots.put(slot, tensors);
    }
    Device device = parameters.isEmpty() ? Device.CPU : parameters.get(0).tensor().device();
    this.step = Tensors.zeros(DType.FLOAT32, device, 1).squeeze(0);
  }

  /** Takes one step at the given learning rate. */
  public final void step(double learningRate) {
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open()) {
      step.add_(1);
      prepare();
      groups.forEach(
          (rule, members) -> {
            Operands operands = gather(members);
            if (!operands.parameters().isEmpty()) {
              update(operands, learningRate * rule.learningRateScale(), rule.weightDecay());
            }
          });
    }
  }

  /** The parameters of a group that have gradients, with gradients and state in the same order. */
  record Operands(
      List<Tensor> parameters, List<Tensor> gradients, Map<String, List<Tensor>> state) {}

  private Operands gather(List<Parameter> members) {
    List<Tensor> tensors = new ArrayList<>();
    List<Tensor> gradients = new ArrayList<>();
    Map<String, List<Tensor>> state = new LinkedHashMap<>();
    slots.keySet().forEach(slot -> state.put(slot, new ArrayList<>()));
    for (Parameter p : members) {
      Tensor gradient = p.tensor().grad();
      if (gradient != null) {
        tensors.add(p.tensor());
        gradients.add(gradient);
        slots.forEach((slot, byName) -> state.get(slot).add(byName.get(p.name())));
      }
    }
    return new Operands(tensors, gradients, state);
  }

  /** Called once per step before the groups. */
  void prepare() {}

  /** Updates one group. */
  abstract void update(Operands operands, double learningRate, double weightDecay);

  /** The number of steps taken, as a float32 scalar on the parameters' device. */
  final Tensor stepCount() {
    return step;
  }

  /** All gradients that exist now, as handles of the caller's scope. */
  public final List<Tensor> gradients() {
    List<Tensor> out = new ArrayList<>();
    for (Parameter p : parameters) {
      Tensor gradient = p.tensor().grad();
      if (gradient != null) {
        out.add(gradient);
      }
    }
    return out;
  }

  /** Forgets all gradients. */
  public final void zeroGrad() {
    parameters.forEach(p -> p.tensor().setGrad(null));
  }

  /** The state by name; the tensors are the optimiser's own. */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> out = new LinkedHashMap<>();
    out.put("step", step);
    slots.forEach((slot, byName) -> byName.forEach((name, t) -> out.put(slot + "." + name, t)));
    return Collections.unmodifiableMap(out);
  }

  /**
   * Copies a saved state into this optimiser.
   *
   * @throws TensorException if a tensor is missing or of another shape
   */
  public final void loadState(Map<String, Tensor> saved) {
    try (NoGrad noGrad = NoGrad.open()) {
      state()
          .forEach(
              (name, t) -> {
                Tensor from = saved.get(name);
                if (from == null || !Arrays.equals(from.shape(), t.shape())) {
                  throw new TensorException(
                      "the saved optimiser state has no fitting tensor '" + name + "'");
                }
                t.copy_(from);
              });
    }
  }

  /** Frees the state. */
  public final void close() {
    state().values().forEach(Tensor::close);
  }
}
