package org.efficienttrain.tensor;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/** The rule that fills tensors from their names, so that both sides of a golden file agree. */
public final class Fill {
  private Fill() {}

  /** The sequence u(name, .) of the golden files, in [-1, 1). */
  public static double[] u(String name, int n) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    double[] out = new double[n];
    for (int i = 0; i < n; i++) {
      long z = Generator.mix64(crc.getValue() + (i + 1) * 0x9E3779B97F4A7C15L);
      out[i] = (z >>> 40) / (double) (1 << 23) - 1;
    }
    return out;
  }

  /** u as a float32 tensor. */
  public static Tensor tensor(String name, long... shape) {
    int n = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    try (Scope scope = Scope.open()) {
      return scope.keep(Tensors.of(u(name, n), shape).to(DType.FLOAT32));
    }
  }
}
