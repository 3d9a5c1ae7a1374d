package org.efficienttrain.app.doctor;

import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.Torch;

/**
 * How fast one core computes, from about a second of work: several would measure what else runs.
 *
 * @param float32 10^9 operations a second of a matrix product in float32
 * @param bfloat16 the same in bfloat16
 * @param memory 10^9 bytes a second that a large addition reads and writes
 */
public record Speed(double float32, double bfloat16, double memory) {
  /** A linear layer of DeiT-Small on part of an image: (rows, in) times (in, out). */
  private static final int ROWS = 128;

  private static final int IN = 384;
  private static final int OUT = 1536;

  /** Operations that a core of today does in a cycle with AVX2: 2 units, 8 numbers, 2 each. */
  private static final double PER_CYCLE = 32;

  /** What of that a quiet machine reaches at least. */
  private static final double REACHED = 0.5;

  private static final double SECONDS = 0.3;

  /** Rounds at least, however slow the machine is just now. */
  private static final int ROUNDS = 30;

  private static final int FLOATS = 4 << 20;

  /** Measures with one thread. */
  public static Speed measure() {
    int threads = Torch.threads();
    Torch.setThreads(1);
    try (NoGrad off = NoGrad.open();
        Scope scope = Scope.open()) {
      Tensor sum = Tensors.randn(FLOATS);
      Tensor other = Tensors.randn(FLOATS);
      double additions = perSecond(() -> sum.add_(other, 1));
      double bytes = 3.0 * Float.BYTES * FLOATS;
      return new Speed(product(DType.FLOAT32), product(DType.BFLOAT16), additions * bytes / 1e9);
    } finally {
      Torch.setThreads(threads);
    }
  }

  private static double product(DType type) {
    Tensor x = Tensors.randn(ROWS, IN).to(type);
    Tensor weight = Tensors.randn(OUT, IN).to(type);
    return perSecond(() -> Functional.linear(x, weight, null)) * 2 * ROWS * IN * OUT / 1e9;
  }

  /**
   * The best rate of many short rounds, after one that prepares: what other work takes is not the
   * machine's.
   */
  private static double perSecond(Runnable work) {
    double best = 0;
    long end = System.nanoTime() + (long) (SECONDS * 1e9);
    for (int round = 0; round <= ROUNDS || System.nanoTime() < end; round++) {
      try (Scope scope = Scope.open()) {
        long before = System.nanoTime();
        work.run();
        if (round > 0) {
          best = Math.max(best, 1e9 / Math.max(1, System.nanoTime() - before));
        }
      }
    }
    return best;
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
