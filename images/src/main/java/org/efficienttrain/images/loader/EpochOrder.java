package org.efficienttrain.images.loader;

import org.efficienttrain.images.RandomSource;

/**
 * The order of one epoch: a seeded permutation of 0 .. size-1 that is computed position by
 * position, so that no list is shuffled and none is kept.
 *
 * <p>A balanced Feistel network permutes the smallest domain of 4^h numbers that holds the size;
 * numbers outside are walked on until one falls inside (Black and Rogaway, "Ciphers with arbitrary
 * finite domains", 2002). On average fewer than four walks are needed.
 */
public final class EpochOrder {
  /** Four rounds make a pseudo-random permutation; the small domains here ask for a few more. */
  private static final int ROUNDS = 8;

  private static final long PURPOSE = 0x6F72646572L; // "order"

  private final int size;
  private final int halfBits;
  private final long mask;
  private final long[] roundKeys = new long[ROUNDS];

  /**
   * @param size number of samples, at least 1
   */
  public EpochOrder(int size, long seed, int epoch) {
    if (size < 1) {
      throw new IllegalArgumentException("an order needs at least one sample, not " + size);
    }
    this.size = size;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(size - 1L);
    this.halfBits = Math.max(1, (bits + 1) / 2);
    this.mask = (1L << halfBits) - 1;
    RandomSource random = RandomSource.of(seed, epoch, PURPOSE);
    for (int round = 0; round < ROUNDS; round++) {
      roundKeys[round] = random.nextLong();
    }
  }

  /** The sample at a position of the epoch, both in 0 .. size-1. */
  public int at(int position) {
    if (position < 0 || position >= size) {
      throw new IndexOutOfBoundsException("position " + position + " of " + size);
    }
    long value = position;
    do {
      value = permute(value);
    } while (value >= size);
    return (int) value;
  }

  private long permute(long value) {
    long left = value >>> halfBits;
    long right = value & mask;
    for (long key : roundKeys) {
      long next = left ^ (RandomSource.mix(right + key) >>> 32 & mask);
      left = right;
      right = next;
    }
    return left << halfBits | right;
  }
}
