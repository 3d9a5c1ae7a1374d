package org.efficienttrain.models;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.zip.CRC32;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * Weights computed from names: how two implementations of a network get the same weights without a
 * file that holds them.
 */
public final class GoldenFill {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private GoldenFill() {}

  /**
   * Pseudo-random numbers in [-1, 1), exact in float32: SplitMix64 (Steele, Lea and Flood 2014)
   * seeded with the CRC-32 of the name in UTF-8, of each result the upper 24 bits.
   */
  public static float[] uniform(String name, int n) {
    return sequence(name, n, u -> u);
  }

  private static float[] sequence(String name, int n, DoubleUnaryOperator map) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    long z = crc.getValue();
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      z += GOLDEN_GAMMA;
      out[i] = (float) map.applyAsDouble((mix64(z) >>> 40) / (double) (1 << 23) - 1);
    }
    return out;
  }

  private static long mix64(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Fills every parameter and buffer of a network by the rule for its name. */
  public static void fill(Backbone model) {
    fill(model.state());
  }

  /** Fills every parameter of a network by the rule for its name; its fixed tables stay. */
  public static void fill(Mae model) {
    fill(model.namedParameters());
  }

  private static void fill(Map<String, Tensor> tensors) {
    try (NoGrad noGrad = NoGrad.open()) {
      tensors.forEach(
          (name, tensor) -> {
            float[] values = sequence(name, (int) tensor.numel(), rule(name, tensor));
            try (Tensor filled = Tensors.of(values, tensor.shape())) {
              tensor.copy_(filled);
            }
          });
    }
  }

  /** What becomes of a number u in [-1, 1), by the last part of the name. */
  private static DoubleUnaryOperator rule(String name, Tensor tensor) {
    String part = name.substring(name.lastIndexOf('.') + 1);
    if (part.equals("running_mean") || part.startsWith("bias")) {
      return u -> 0.1 * u;
    }
    if (part.equals("running_var") || (part.equals("weight") && tensor.dim() == 1)) {
      return u -> 1 + 0.1 * u;
    }
    if (part.equals("weight")) {
      double bound = Math.sqrt(3.0 * tensor.size(0) / tensor.numel());
      return u -> u * bound;
    }
    if (part.contains("gamma") || part.endsWith("scale")) {
      return u -> 0.5 + 0.1 * u;
    }
    return u -> 0.2 * u;
  }
}
