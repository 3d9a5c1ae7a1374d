package org.efficienttrain.tensor;

import java.util.List;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Function;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/**
 * A compiled TorchScript function: the way to libtorch's operations over lists of tensors ({@code
 * _foreach_*}, {@code _fused_*}), which the Java binding does not map.
 */
public final class Script {
  static {
    Torch.start();
  }

  private final String name;

  @SuppressWarnings("UnusedVariable") // the unit owns the function and must outlive it
  private final CompilationUnit unit;

  private final Function function;

  private Script(String name, CompilationUnit unit) {
    this.name = name;
    this.unit = unit;
    this.function = unit.find_function(new QualifiedName(name));
    // Scripts are compiled on first use, often inside a scope that must not free them.
    unit.retainReference();
    function.retainReference();
  }

  /** Compiles a source text that defines the function {@code name}. */
  public static Script compile(String name, String source) {
    return new Script(name, torch.compile(source));
  }

  /**
   * Runs the function, which changes its arguments in place or returns one tensor.
   *
   * @param args tensors, lists of tensors, doubles, longs or booleans
   * @return the result, or null where the function returns nothing
   */
  public Tensor run(Object... args) {
    try (Scope scope = Scope.open()) {
      IValueVector stack = new IValueVector();
      for (Object arg : args) {
        stack.push_back(value(arg));
      }
      function.run(stack);
      IValue result = stack.empty() ? null : stack.get(0);
      if (result == null || !result.isTensor()) {
        return null;
      }
      return scope.keep(new Tensor(new org.bytedeco.pytorch.Tensor(result.toTensor())));
    } catch (RuntimeException e) {
      throw new TensorException(name + ": " + firstLine(String.valueOf(e.getMessage())), e);
    }
  }

  private static String firstLine(String message) {
    int cause = message.lastIndexOf("RuntimeError: ");
    return message.substring(Math.max(0, cause)).strip().lines().findFirst().orElse("");
  }

  private static IValue value(Object arg) {
    if (arg instanceof Tensor t) {
      return new IValue(t.pointer());
    }
    if (arg instanceof List<?> list) {
      GenericList out = new GenericList(new Type.TypePtr(TensorType.get()));
      out.reserve(list.size());
      for (Object t : list) {
        out.push_back(new IValue(((Tensor) t).pointer()));
      }
      return new IValue(out);
    }
    if (arg instanceof Double d) {
      return new IValue(d.doubleValue());
    }
    if (arg instanceof Long l) {
      return new IValue(l.longValue());
    }
    if (arg instanceof Boolean b) {
      return new IValue(b.booleanValue());
    }
    throw new IllegalArgumentException("no TorchScript value for " + arg);
  }
}
