package org.efficienttrain.tensor.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;

/**
 * A node in the tree of a network: named parameters (trained), buffers (state that is not trained)
 * and children, in the order of registration, which is the order of PyTorch's state dict.
 *
 * <p>Build networks outside any {@link Scope}, or their weights die with it. Registration is what
 * the constructor of a subclass does; afterwards the tree is fixed.
 */
public abstract class Module {
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private boolean training = true;

  /** Registers a trained tensor under a name without dots. */
  protected final Tensor parameter(String name, Tensor value) {
    checkBuilding();
    parameters.put(name, value.requiresGrad_(true));
    return value;
  }

  /** Registers a tensor that is saved but not trained. */
  protected final Tensor buffer(String name, Tensor value) {
    checkBuilding();
    buffers.put(name, value);
    return value;
  }

  /** Registers a child; a null child is left out. */
  protected final <M extends Module> M child(String name, M module) {
    if (module != null) {
      children.put(name, module);
    }
    return module;
  }

  /** Registers children under {@code name.0}, {@code name.1}, ... */
  protected final <M extends Module> List<M> children(String name, List<M> modules) {
    child(name, new Container(modules));
    return List.copyOf(modules);
  }

  private static void checkBuilding() {
    if (Scope.isOpen()) {
      throw new IllegalStateException(
          "a module is being built inside a Scope, which would free its weights: build it outside");
    }
  }

  /** All parameters by their dotted names. */
  public final Map<String, Tensor> namedParameters() {
    Map<String, Tensor> out = new LinkedHashMap<>();
    visit("", (prefix, m) -> m.parameters.forEach((name, t) -> out.put(prefix + name, t)));
    return Collections.unmodifiableMap(out);
  }

  /** All parameters and buffers by their dotted names: what a weight file holds. */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> out = new LinkedHashMap<>();
    visit(
        "",
        (prefix, m) -> {
          m.parameters.forEach((name, t) -> out.put(prefix + name, t));
          m.buffers.forEach((name, t) -> out.put(prefix + name, t));
        });
    return Collections.unmodifiableMap(out);
  }

  private void visit(String prefix, BiConsumer<String, Module> visitor) {
    visitor.accept(prefix, this);
    children.forEach((name, m) -> m.visit(prefix + name + ".", visitor));
  }

  /** Does something to every module of the tree. */
  public final void apply(Consumer<Module> action) {
    visit("", (prefix, m) -> action.accept(m));
  }

  /** Number of trained elements. */
  public final long parameterCount() {
    return namedParameters().values().stream().mapToLong(Tensor::numel).sum();
  }

  /** Switches the tree to training (dropout, drop-path and batch statistics on). */
  public final void train() {
    apply(m -> m.training = true);
  }

  /** Switches the tree to evaluation. */
  public final void eval() {
    apply(m -> m.training = false);
  }

  public final boolean isTraining() {
    return training;
  }

  /** Forgets all gradients. */
  public final void zeroGrad() {
    namedParameters().values().forEach(t -> t.setGrad(null));
  }

  /**
   * Copies tensors into the state, converting and moving them.
   *
   * @throws TensorException if a name is missing or a shape differs
   */
  public final void copyState(Map<String, Tensor> source) {
    try (NoGrad noGrad = NoGrad.open()) {
      state()
          .forEach(
              (name, t) -> {
                Tensor from = source.get(name);
                if (from == null) {
                  throw new TensorException("the weights lack '" + name + "'");
                }
                if (!Arrays.equals(from.shape(), t.shape())) {
                  throw new TensorException(
                      "the weights have '" + name + "' as " + from + ", the model has " + t);
                }
                t.copy_(from);
              });
    }
  }

  /** Moves the tree to a device, in place. */
  public final Module to(Device device) {
    return convert(t -> t.to(device));
  }

  /** Converts the floating-point tensors of the tree, in place. */
  public final Module to(DType type) {
    return convert(t -> t.dtype().isFloatingPoint() ? t.to(type) : t);
  }

  /**
   * Lays the filters of convolutions out as channels-last images are, in place, so that no step has
   * to. A 1 x 1 filter lies the same either way, but its strides must say so too: its gradient's
   * do, and steps over several tensors at once are fast only where the strides of all agree.
   */
  public final void channelsLast() {
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open()) {
      for (Tensor t : namedParameters().values()) {
        if (t.dim() == 4) {
          long[] shape = t.shape();
          long row = shape[3] * shape[1];
          long[] strides = {shape[2] * row, 1, row, shape[1]};
          t.setData(t.channelsLast().asStrided(shape, strides));
        }
      }
    }
  }

  private Module convert(UnaryOperator<Tensor> conversion) {
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open()) {
      state().values().forEach(t -> t.setData(conversion.apply(t)));
    }
    return this;
  }

  /** Frees the native memory of every tensor of the tree. */
  public final void close() {
    new ArrayList<>(state().values()).forEach(Tensor::close);
  }

  /** The numbered children of a list. */
  private static final class Container extends Module {
    Container(List<? extends Module> modules) {
      for (int i = 0; i < modules.size(); i++) {
        child(String.valueOf(i), modules.get(i));
      }
    }
  }
}
