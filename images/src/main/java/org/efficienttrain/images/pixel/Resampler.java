package org.efficienttrain.images.pixel;

import java.util.Arrays;
import org.efficienttrain.images.Image;

/**
 * Resizing as Pillow does it: antialiased, separable, first along the rows and then along the
 * columns, in 8-bit fixed point with the intermediate rounded to 8 bits. Results equal Pillow's.
 */
public final class Resampler {
  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private Resampler() {}

  /** Work space of one thread, kept because allocating it would cost as much as resizing. */
  private static final class Scratch {
    long[] packed = new long[0];
    int[] rows = new int[0];
    int[] sums = new int[0];

    void reserve(int packedLength, int rowsLength, int sumsLength) {
      if (packed.length < packedLength) {
        packed = new long[packedLength];
      }
      if (rows.length < rowsLength) {
        rows = new int[rowsLength];
      }
      if (sums.length < sumsLength) {
        sums = new int[sumsLength];
      }
    }
  }

  /** The whole image at another size. */
  public static Image resize(Image image, int width, int height, Interpolation filter) {
    return resize(image, Region.whole(image.width(), image.height()), width, height, filter, false);
  }

  /**
   * A region, cut out first and then resized: nothing outside it contributes.
   *
   * @param mirror whether to flip the result left to right
   */
  public static Image resize(
      Image image, Region region, int width, int height, Interpolation filter, boolean mirror) {
    checkInside(image, region);
    return resample(
        image,
        region,
        axis(region.width(), width, 0, width, filter),
        axis(region.height(), height, 0, height, filter),
        mirror);
  }

  /**
   * A rectangle with fractional edges, resized: what lies beside it within the {@code surrounding}
   * region contributes to its edge pixels.
   *
   * @param x left edge, relative to the surrounding region
   * @param y upper edge, relative to the surrounding region
   */
  static Image resizeWithin(
      Image image,
      Region surrounding,
      double x,
      double y,
      double width,
      double height,
      int side,
      Interpolation filter,
      boolean mirror) {
    checkInside(image, surrounding);
    return resample(
        image,
        surrounding,
        ResampleAxis.of(surrounding.width(), x, x + width, side, 0, side, filter),
        ResampleAxis.of(surrounding.height(), y, y + height, side, 0, side, filter),
        mirror);
  }

  /**
   * The image resized to {@code width} x {@code height}, of which only {@code window} is computed.
   */
  public static Image resizeWindow(
      Image image, int width, int height, Region window, Interpolation filter) {
    return resample(
        image,
        Region.whole(image.width(), image.height()),
        axis(image.width(), width, window.x(), window.width(), filter),
        axis(image.height(), height, window.y(), window.height(), filter),
        false);
  }

  private static ResampleAxis axis(int inSize, int outSize, int from, int n, Interpolation filter) {
    return inSize == outSize
        ? ResampleAxis.copy(from, n)
        : ResampleAxis.of(inSize, 0, inSize, outSize, from, n, filter);
  }

  private static void checkInside(Image image, Region region) {
    if (region.x() + region.width() > image.width()
        || region.y() + region.height() > image.height()) {
      throw new IllegalArgumentException(
          "%s is not within an image of %d x %d".formatted(region, image.width(), image.height()));
    }
  }

  private static Image resample(
      Image image, Region region, ResampleAxis across, ResampleAxis down, boolean mirror) {
    int rowLength = across.size() * 3;
    int low = down.low();
    int rows = down.high() - low;
    Scratch scratch = SCRATCH.get();
    // Rows are taken in pairs, so there may be one more than needed.
    scratch.reserve(region.width() * 3, (rows + 1) * rowLength, rowLength);
    for (int row = 0; row < rows; row += 2) {
      int upper = region.y() + low + row;
      int lower = row + 1 < rows ? upper + 1 : upper;
      pack(image, region.x() + across.low(), upper, lower, across.high() - across.low(), scratch);
      resampleRowPair(across, scratch, row * rowLength, mirror);
    }
    byte[] out = new byte[rowLength * down.size()];
    for (int y = 0; y < down.size(); y++) {
      resampleColumns(down, y, low, rowLength, scratch);
      store(scratch.sums, rowLength, out, y * rowLength);
    }
    return new Image(out, across.size(), down.size());
  }

  /**
   * Puts the six channels of two pixels, one above the other, into three longs of two channels
   * each. One 64-bit multiplication then weights two channels: both products fit into 32 bits with
   * their sign, and what the lower one borrows from the upper is given back on unpacking.
   */
  private static void pack(Image image, int x, int upper, int lower, int width, Scratch scratch) {
    byte[] pixels = image.pixels();
    long[] packed = scratch.packed;
    int a = (upper * image.width() + x) * 3;
    int b = (lower * image.width() + x) * 3;
    for (int i = 0; i < width * 3; i += 3) {
      packed[i] = (pixels[a + i] & 0xFF) | (pixels[a + i + 1] & 0xFFL) << 32;
      packed[i + 1] = (pixels[a + i + 2] & 0xFF) | (pixels[b + i] & 0xFFL) << 32;
      packed[i + 2] = (pixels[b + i + 1] & 0xFF) | (pixels[b + i + 2] & 0xFFL) << 32;
    }
  }

  private static void resampleRowPair(
      ResampleAxis axis, Scratch scratch, int offset, boolean mirror) {
    long[] packed = scratch.packed;
    int[] rows = scratch.rows;
    int[] weight = axis.weight;
    int size = axis.size();
    int low = axis.low();
    long half = ResampleAxis.HALF | (long) ResampleAxis.HALF << 32;
    for (int x = 0; x < size; x++) {
      long first = half;
      long second = half;
      long third = half;
      int in = (axis.first[x] - low) * 3;
      int end = x * axis.stride + axis.count[x];
      for (int k = x * axis.stride; k < end; k++, in += 3) {
        long w = weight[k];
        first += w * packed[in];
        second += w * packed[in + 1];
        third += w * packed[in + 2];
      }
      int upper = offset + (mirror ? size - 1 - x : x) * 3;
      int lower = upper + size * 3;
      rows[upper] = clip(lowHalf(first));
      rows[upper + 1] = clip(highHalf(first));
      rows[upper + 2] = clip(lowHalf(second));
      rows[lower] = clip(highHalf(second));
      rows[lower + 1] = clip(lowHalf(third));
      rows[lower + 2] = clip(highHalf(third));
    }
  }

  private static int lowHalf(long pair) {
    return (int) pair;
  }

  private static int highHalf(long pair) {
    return (int) ((pair - (int) pair) >> 32);
  }

  /** From fixed point to 0..255. */
  private static int clip(int fixed) {
    return Math.max(0, Math.min(255, fixed >> ResampleAxis.PRECISION));
  }

  /** Sums weighted rows. Each loop is over one array index, so that the JVM vectorises it. */
  private static void resampleColumns(
      ResampleAxis axis, int y, int low, int rowLength, Scratch scratch) {
    int[] rows = scratch.rows;
    int[] sums = scratch.sums;
    int base = (axis.first[y] - low) * rowLength;
    int at = y * axis.stride;
    int taps = axis.count[y];
    int k = 0;
    Arrays.fill(sums, 0, rowLength, ResampleAxis.HALF);
    for (; k + 4 <= taps; k += 4) {
      add4(axis.weight, at + k, rows, base + k * rowLength, rowLength, sums);
    }
    for (; k < taps; k++) {
      add(axis.weight[at + k], rows, base + k * rowLength, rowLength, sums);
    }
  }

  private static void add(int w, int[] rows, int from, int length, int[] sums) {
    for (int i = 0; i < length; i++) {
      sums[i] += w * rows[from + i];
    }
  }

  private static void add4(int[] w, int at, int[] rows, int from, int length, int[] sums) {
    int w0 = w[at];
    int w1 = w[at + 1];
    int w2 = w[at + 2];
    int w3 = w[at + 3];
    int from1 = from + length;
    int from2 = from1 + length;
    int from3 = from2 + length;
    for (int i = 0; i < length; i++) {
      sums[i] +=
          w0 * rows[from + i] + w1 * rows[from1 + i] + w2 * rows[from2 + i] + w3 * rows[from3 + i];
    }
  }

  private static void store(int[] sums, int length, byte[] out, int offset) {
    for (int i = 0; i < length; i++) {
      out[offset + i] = (byte) clip(sums[i]);
    }
  }
}
