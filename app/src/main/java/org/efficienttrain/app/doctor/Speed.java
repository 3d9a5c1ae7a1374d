package org.efficienttrain.app.doctor;

import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.ProductRate;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * How fast one core computes, from about a second of work: several would measure what else runs.
 *
 * @param float32 10^9 operations a second of a matrix product in float32
 * @param bfloat16 the same in bfloat16
 * @param memory 10^9 bytes a second that a large addition reads and writes
 */
public record Speed(double float32, double bfloat16, double memory) {
  /** Operations that a core of today does in a cycle with AVX2: 2 units, 8 numbers, 2 each. */
  private static final double PER_CYCLE = 32;

  /** What of that a quiet machine reaches at least. */
  private static final double REACHED = 0.5;

  private static final double SECONDS = 0.3;

  private static final int FLOATS = 4 << 20;

  /** Measures with one thread. */
  public static Speed measure() {
    try (Scope scope = Scope.open()) {
      Tensor sum = Tensors.randn(FLOATS);
      Tensor other = Tensors.randn(FLOATS);
      double additions = ProductRate.perSecond(() -> sum.add_(other, 1), SECONDS);
      double bytes = 3.0 * Float.BYTES * FLOATS;
      return new Speed(
          ProductRate.measure(DType.FLOAT32, SECONDS),
          ProductRate.measure(DType.BFLOAT16, SECONDS),
          additions * bytes / 1e9);
    }
  }

  /**
   * What a matrix product in float32 should reach on a core of a machine, in 10^9 operations a
   * second; 0 where its clock is not known.
   */
  public static double expected(Machine machine) {
    double perCycle = machine.instructions().contains("avx2") ? PER_CYCLE : PER_CYCLE / 4;
    return REACHED * Math.min(1, machine.quota()) * machine.gigahertz() * perCycle;
  }
}
