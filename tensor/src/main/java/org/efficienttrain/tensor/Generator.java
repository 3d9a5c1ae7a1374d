package org.efficienttrain.tensor;

import org.bytedeco.pytorch.global.torch;

/**
 * The source of randomness on a device: weight initialisation, dropout, drop-path.
 *
 * <p>Seed it before whatever must be repeatable. The training loop seeds it with (run seed, step)
 * before every step, so that a step's randomness depends on nothing that came before and a resumed
 * run needs no saved state.
 */
public final class Generator {
  static {
    Torch.start();
  }

  private Generator() {}

  /** Seeds the generators of all devices with a hash of {@code key}. */
  public static void seed(long... key) {
    long hash = 0;
    for (long part : key) {
      hash = mix64(hash + part + 0x9E3779B97F4A7C15L);
    }
    torch.manual_seed(hash & Long.MAX_VALUE);
  }

  /** The SplitMix64 finaliser (Steele, Lea and Flood 2014). */
  static long mix64(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
