package org.efficienttrain.images;

/**
 * A stream of chance that a key determines, the same on every machine and JDK. One sample uses one
 * stream, made from (seed, epoch, index) and nothing else.
 *
 * <p>It is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
 * OOPSLA 2014): a counter through a 64-bit finaliser. Not safe for use by several threads.
 */
public final class RandomSource {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private final long key;
  private long state;
  private double spareGaussian = Double.NaN;

  private RandomSource(long key) {
    this.key = key;
    this.state = key;
  }

  /** The stream of one purpose under a seed, for example the order of an epoch. */
  public static RandomSource of(long seed, long purpose) {
    return new RandomSource(combine(mix(seed), purpose));
  }

  /** The stream of one sample in one epoch. */
  public static RandomSource of(long seed, long epoch, long index) {
    return new RandomSource(combine(combine(mix(seed), epoch), index));
  }

  /**
   * Another stream under the same key, whatever has been drawn from this one: for the repeats of a
   * sample within an epoch, or for one step of an augmentation.
   */
  public RandomSource fork(long stream) {
    return new RandomSource(combine(key, stream));
  }

  private static long combine(long key, long word) {
    return mix(key + GOLDEN_GAMMA) ^ mix(word * GOLDEN_GAMMA + 0x632BE59BD9B4E019L) * 3;
  }

  /** The SplitMix64 finaliser: a bijection of the 64-bit words that looks random. */
  public static long mix(long word) {
    long z = (word ^ (word >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** 64 random bits. */
  public long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** Uniform in [0, 1), a multiple of 2^-53. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** Uniform in [low, high). */
  public double uniform(double low, double high) {
    return low + (high - low) * nextDouble();
  }

  /**
   * Uniform in 0 .. bound-1, without bias.
   *
   * @param bound positive
   */
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("the bound must be positive, not " + bound);
    }
    // The high word of a 32 x 32 bit product; products in the short first interval are redrawn.
    long product = (nextLong() >>> 32) * bound;
    long low = product & 0xFFFFFFFFL;
    if (low < bound) {
      long threshold = 0x100000000L % bound;
      while (low < threshold) {
        product = (nextLong() >>> 32) * bound;
        low = product & 0xFFFFFFFFL;
      }
    }
    return (int) (product >>> 32);
  }

  /** True with this probability. */
  public boolean chance(double probability) {
    return nextDouble() < probability;
  }

  /** Normally distributed, mean 0 and standard deviation 1 (Marsaglia's polar method). */
  public double nextGaussian() {
    if (!Double.isNaN(spareGaussian)) {
      double value = spareGaussian;
      spareGaussian = Double.NaN;
      return value;
    }
    double x;
    double y;
    double square;
    do {
      x = 2 * nextDouble() - 1;
      y = 2 * nextDouble() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    // StrictMath: the last bit of Math.log differs between machines.
    double factor = StrictMath.sqrt(-2 * StrictMath.log(square) / square);
    spareGaussian = y * factor;
    return x * factor;
  }
}
