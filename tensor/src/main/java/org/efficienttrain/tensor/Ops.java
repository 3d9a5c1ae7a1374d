package org.efficienttrain.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;

/**
 * The one gate through which every operation passes into libtorch: it names the operation and the
 * shapes when libtorch complains, and tells the listener.
 */
final class Ops {
  private static final ThreadLocal<OpListener> LISTENER = new ThreadLocal<>();

  private Ops() {}

  static void setListener(OpListener listener) {
    if (listener == null) {
      LISTENER.remove();
    } else {
      LISTENER.set(listener);
    }
  }

  /** An operation with one result. */
  static Tensor call(String op, Supplier<org.bytedeco.pytorch.Tensor> body, Object... args) {
    Tensor result;
    try {
      result = new Tensor(body.get());
    } catch (RuntimeException e) {
      throw explain(op, args, e);
    }
    OpListener listener = LISTENER.get();
    if (listener != null) {
      listener.on(op, Arrays.asList(args), List.of(result));
    }
    return result;
  }

  /** An operation with a list of results. */
  static List<Tensor> callList(String op, Supplier<TensorVector> body, Object... args) {
    List<Tensor> results = new ArrayList<>();
    try (TensorVector vector = body.get()) {
      for (long i = 0; i < vector.size(); i++) {
        results.add(new Tensor(new org.bytedeco.pytorch.Tensor(vector.get(i))));
      }
    } catch (RuntimeException e) {
      throw explain(op, args, e);
    }
    OpListener listener = LISTENER.get();
    if (listener != null) {
      listener.on(op, Arrays.asList(args), results);
    }
    return results;
  }

  /** An operation that changes {@code self}, or one without a tensor as its result. */
  static void run(String op, Runnable body, Object... args) {
    try {
      body.run();
    } catch (RuntimeException e) {
      throw explain(op, args, e);
    }
  }

  static Scalar scalar(double value) {
    return new Scalar(value);
  }

  static ScalarOptional bound(double value) {
    try (Scalar s = scalar(value)) {
      return new ScalarOptional(s);
    }
  }

  static TensorOptional optional(Tensor tensor) {
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor.pointer());
  }

  static TensorVector vector(List<Tensor> tensors) {
    org.bytedeco.pytorch.Tensor[] pointers = new org.bytedeco.pytorch.Tensor[tensors.size()];
    for (int i = 0; i < pointers.length; i++) {
      pointers[i] = tensors.get(i).pointer();
    }
    return new TensorVector(pointers);
  }

  private static TensorException explain(String op, Object[] args, RuntimeException e) {
    if (e instanceof TensorException t) {
      return t;
    }
    StringBuilder text = new StringBuilder(op).append('(');
    for (int i = 0; i < args.length; i++) {
      text.append(i == 0 ? "" : ", ").append(describe(args[i]));
    }
    String message = String.valueOf(e.getMessage());
    if (message.contains("allocate memory") || message.contains("out of memory")) {
      return new TensorException(
          "not enough memory for " + text + "): use a smaller batch size or image size", e);
    }
    int end = message.indexOf('\n');
    text.append("): ").append(end < 0 ? message : message.substring(0, end));
    return new TensorException(text.toString(), e);
  }

  private static String describe(Object arg) {
    if (arg instanceof Tensor t) {
      return t.isClosed() ? "closed tensor" : Arrays.toString(t.shape());
    }
    if (arg instanceof long[] longs) {
      return Arrays.toString(longs);
    }
    if (arg instanceof List<?> list) {
      return list.stream().map(Ops::describe).toList().toString();
    }
    return String.valueOf(arg);
  }
}
