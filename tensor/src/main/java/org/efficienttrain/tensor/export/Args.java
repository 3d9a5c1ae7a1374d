package org.efficienttrain.tensor.export;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.efficienttrain.tensor.export.Graph.Value;

/** The arguments of an operation, in order, by the type that the reader expects. */
final class Args {
  private final List<Object> args;

  Args(List<Object> args) {
    this.args = Collections.unmodifiableList(new ArrayList<>(args));
  }

  int size() {
    return args.size();
  }

  List<Object> all() {
    return args;
  }

  Object get(int i) {
    return args.get(i);
  }

  /** A tensor, or null where it is absent. */
  Value value(int i) {
    return (Value) args.get(i);
  }

  boolean isAbsent(int i) {
    return args.get(i) == null;
  }

  /** A list of tensors. */
  List<Value> values(int i) {
    List<Value> values = new ArrayList<>();
    for (Object value : (List<?>) args.get(i)) {
      values.add((Value) value);
    }
    return values;
  }

  /** A fixed whole number. */
  long integer(int i) {
    return fixed((Extent) args.get(i));
  }

  /** A list of fixed whole numbers. */
  long[] integers(int i) {
    return ((List<?>) args.get(i)).stream().mapToLong(e -> fixed((Extent) e)).toArray();
  }

  double number(int i) {
    return (Double) args.get(i);
  }

  boolean flag(int i) {
    return (Boolean) args.get(i);
  }

  /** Every tensor among the arguments. */
  List<Value> tensors() {
    List<Value> values = new ArrayList<>();
    for (Object arg : args) {
      if (arg instanceof Value value) {
        values.add(value);
      } else if (arg instanceof List<?> list) {
        for (Object element : list) {
          if (element instanceof Value value) {
            values.add(value);
          }
        }
      }
    }
    return values;
  }

  private static long fixed(Extent extent) {
    if (!extent.isFixed()) {
      throw new IllegalStateException("the argument " + extent + " grows with the batch");
    }
    return extent.fixed();
  }
}
