package org.efficienttrain.images.pixel;

import org.efficienttrain.images.Image;

/**
 * One pass of a separable resize: every output line is a weighted sum of neighbouring input lines.
 * Lines may be rows or columns; a line is an array of packed pixels (red in the lowest byte, then
 * green, then blue).
 *
 * <p>Every loop over a line reads and writes whole arrays from index 0 and is small enough for the
 * JVM to unroll, because only such loops does it turn into vector instructions. On that rests the
 * speed: offsets into shared arrays, or eight weights in one loop instead of four, make it five
 * times slower. Holds work space; one instance per thread.
 */
final class LinePass {
  /** Longest piece of a line that is worked on at once, which bounds the work space. */
  static final int BAND = 1024;

  /** Pixels (16 MB) that the work space of a thread holds on to. */
  private static final int MOST_KEPT = 1 << 22;

  /** Moves n pixels of the line at a position, starting at pixel {@code from}. */
  @FunctionalInterface
  interface Lines {
    void move(int position, int from, int n, int[] packed);
  }

  private final int[] packed = new int[BAND];
  private final int[] red = new int[BAND];
  private final int[] green = new int[BAND];
  private final int[] blue = new int[BAND];
  private final int[] sums = new int[BAND * Image.CHANNELS];

  /**
   * The latest input lines, by position modulo their number (a power of two): all reds, then all
   * greens, then all blues, so that one loop does the three.
   */
  private int[][] lines = {};

  private final int[][] spaces = {{}, {}};

  /**
   * Space for pixels, the same at every call but where it grows. What a single large image needs is
   * not kept.
   *
   * @param which of two: 0 or 1
   */
  int[] space(int which, int length) {
    if (length > MOST_KEPT) {
      return new int[length];
    }
    if (spaces[which].length < length) {
      spaces[which] = new int[length];
    }
    return spaces[which];
  }

  /**
   * Computes {@code axis.size()} output lines of this length.
   *
   * @param input fills the array with input line pixels
   * @param output takes output line pixels from the array
   */
  void run(ResampleAxis axis, int length, Lines input, Lines output) {
    reserve(axis.stride);
    int mask = lines.length - 1;
    for (int from = 0; from < length; from += BAND) {
      int n = Math.min(BAND, length - from);
      int next = axis.low();
      for (int position = 0; position < axis.size(); position++) {
        int end = axis.first[position] + axis.count[position];
        for (; next < end; next++) {
          input.move(next, from, n, packed);
          unpack(n, lines[next & mask]);
        }
        sum(axis, position, lines, n * Image.CHANNELS, sums);
        pack(n);
        output.move(position, from, n, packed);
      }
    }
  }

  private void reserve(int count) {
    if (lines.length < count) {
      lines = new int[Integer.highestOneBit(2 * count - 1)][BAND * Image.CHANNELS];
    }
  }

  private void unpack(int n, int[] line) {
    unpack(packed, n, red, green, blue);
    System.arraycopy(red, 0, line, 0, n);
    System.arraycopy(green, 0, line, n, n);
    System.arraycopy(blue, 0, line, 2 * n, n);
  }

  private static void unpack(int[] packed, int n, int[] red, int[] green, int[] blue) {
    for (int i = 0; i < n; i++) {
      int pixel = packed[i];
      red[i] = pixel & 0xFF;
      green[i] = (pixel >> 8) & 0xFF;
      blue[i] = (pixel >> 16) & 0xFF;
    }
  }

  /** Lines beyond the last that counts have weight 0, whatever they hold. */
  private static void sum(ResampleAxis axis, int position, int[][] lines, int n, int[] sums) {
    int mask = lines.length - 1;
    int line = axis.first[position];
    int[] w = axis.weight;
    int at = position * axis.stride;
    int end = at + axis.count[position];
    for (int k = at; k < end; k += ResampleAxis.GROUP, line += ResampleAxis.GROUP) {
      int[] a = lines[line & mask];
      int[] b = lines[(line + 1) & mask];
      if (k > at && end - k <= 2) {
        add(w[k], w[k + 1], a, b, n, sums);
        return;
      }
      int[] c = lines[(line + 2) & mask];
      int[] d = lines[(line + 3) & mask];
      if (k == at) {
        start(w[k], w[k + 1], w[k + 2], w[k + 3], a, b, c, d, n, sums);
      } else {
        add(w[k], w[k + 1], w[k + 2], w[k + 3], a, b, c, d, n, sums);
      }
    }
  }

  private static void start(
      int w0, int w1, int w2, int w3, int[] a, int[] b, int[] c, int[] d, int n, int[] sums) {
    for (int i = 0; i < n; i++) {
      sums[i] = w0 * a[i] + w1 * b[i] + w2 * c[i] + w3 * d[i] + ResampleAxis.HALF;
    }
  }

  private static void add(
      int w0, int w1, int w2, int w3, int[] a, int[] b, int[] c, int[] d, int n, int[] sums) {
    for (int i = 0; i < n; i++) {
      sums[i] += w0 * a[i] + w1 * b[i] + w2 * c[i] + w3 * d[i];
    }
  }

  private static void add(int w0, int w1, int[] a, int[] b, int n, int[] sums) {
    for (int i = 0; i < n; i++) {
      sums[i] += w0 * a[i] + w1 * b[i];
    }
  }

  private void pack(int n) {
    System.arraycopy(sums, n, green, 0, n);
    System.arraycopy(sums, 2 * n, blue, 0, n);
    pack(sums, green, blue, n, packed);
  }

  private static void pack(int[] red, int[] green, int[] blue, int n, int[] packed) {
    for (int i = 0; i < n; i++) {
      packed[i] = clip(red[i]) | clip(green[i]) << 8 | clip(blue[i]) << 16;
    }
  }

  /** From fixed point to 0..255, without branches: the JVM vectorises this, but not Math.min. */
  private static int clip(int fixed) {
    int value = fixed >> ResampleAxis.PRECISION;
    int notNegative = value & ~(value >> 31);
    return (notNegative | (255 - notNegative) >> 31) & 0xFF;
  }
}
