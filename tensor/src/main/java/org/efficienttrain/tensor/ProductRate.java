package org.efficienttrain.tensor;

/**
 * How fast one core multiplies matrices, from a short measurement: several cores would measure what
 * else runs.
 */
public final class ProductRate {
  /** A linear layer of DeiT-Small on part of an image: (rows, in) times (in, out). */
  private static final int ROWS = 128;

  private static final int IN = 384;
  private static final int OUT = 1536;

  /** Rounds at least, however slow the machine is just now. */
  private static final int ROUNDS = 30;

  /** Whether products in bfloat16 are faster here than in float32, found once for a process. */
  private static final class Bfloat16 {
    static final boolean FASTER = measure(DType.BFLOAT16, 0) > measure(DType.FLOAT32, 0);
  }

  private ProductRate() {}

  /**
   * The best rate of many short rounds, after one that prepares: what other work takes is not the
   * processor's.
   *
   * @param type of both factors and the product
   * @param seconds to measure for; there are 30 rounds in any case
   * @return 10^9 operations a second
   */
  public static double measure(DType type, double seconds) {
    try (Scope scope = Scope.open()) {
      Tensor x = Tensors.ones(ROWS, IN).to(type);
      Tensor weight = Tensors.ones(OUT, IN).to(type);
      double products = perSecond(() -> Functional.linear(x, weight, null), seconds);
      return products * 2 * ROWS * IN * OUT / 1e9;
    }
  }

  /**
   * How often one thread could do a piece of work in a second, by the shortest time that it took.
   *
   * @param seconds as in {@link #measure}
   */
  public static double perSecond(Runnable work, double seconds) {
    int threads = Torch.threads();
    Torch.setThreads(1);
    try (NoGrad off = NoGrad.open()) {
      double best = 0;
      long end = System.nanoTime() + (long) (seconds * 1e9);
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
    } finally {
      Torch.setThreads(threads);
    }
  }

  /**
   * Whether products in bfloat16 are faster than in float32. A processor may have instructions for
   * it that do less in a cycle than those for float32: what is meant to be fast there is another
   * unit, which a virtual machine need not have.
   */
  static boolean isBfloat16Faster() {
    return Bfloat16.FASTER;
  }
}
