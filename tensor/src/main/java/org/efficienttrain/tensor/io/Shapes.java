package org.efficienttrain.tensor.io;

import java.util.ArrayList;
import java.util.List;

/** Arithmetic on shapes that fails with {@link ArithmeticException} rather than overflow. */
final class Shapes {
  private Shapes() {}

  static List<Long> list(long... shape) {
    List<Long> list = new ArrayList<>(shape.length);
    for (long extent : shape) {
      list.add(extent);
    }
    return List.copyOf(list);
  }

  static long[] array(List<Long> shape) {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  static long elements(List<Long> shape) {
    if (shape.contains(0L)) {
      return 0;
    }
    long product = 1;
    for (long extent : shape) {
      product = Math.multiplyExact(product, extent);
    }
    return product;
  }

  /** The shape as people write it: {@code 64x3x7x7}, or {@code scalar}. */
  static String text(List<Long> shape) {
    if (shape.isEmpty()) {
      return "scalar";
    }
    StringBuilder text = new StringBuilder();
    for (long extent : shape) {
      text.append(text.isEmpty() ? "" : "x").append(extent);
    }
    return text.toString();
  }
}
