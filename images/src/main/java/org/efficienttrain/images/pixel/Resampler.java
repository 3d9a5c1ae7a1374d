package org.efficienttrain.images.pixel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.efficienttrain.images.Image;

/**
 * Resizing as Pillow does it: antialiased, separable, first along the rows and then along the
 * columns, in 8-bit fixed point with the intermediate rounded to 8 bits. Results equal Pillow's.
 */
public final class Resampler {
  private static final ThreadLocal<LinePass> PASS = ThreadLocal.withInitial(LinePass::new);

  /** Reads and writes a pixel as one number: red in the lowest byte, then green, then blue. */
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /** Lines that are turned at once: their pixels fill half a cache line of the result. */
  private static final int BLOCK = 8;

  private Resampler() {}

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

  /**
   * Two passes of the same shape: the first makes the columns of the result out of columns of the
   * image, the second its rows out of rows. Before each, the pixels are turned so that its lines
   * lie in one piece.
   */
  private static Image resample(
      Image image, Region region, ResampleAxis across, ResampleAxis down, boolean mirror) {
    int low = down.low();
    int rows = down.high() - low;
    int left = across.low();
    int columns = across.high() - left;
    int width = across.size();
    LinePass pass = PASS.get();
    int[] lines = pass.space(0, Math.max(columns * Math.min(rows, LinePass.BAND), width * rows));
    int[] reduced = pass.space(1, width * rows);
    for (int top = 0; top < rows; top += LinePass.BAND) {
      int first = top;
      int band = Math.min(rows - top, LinePass.BAND);
      turn(image, region.x() + left, region.y() + low + first, columns, band, lines);
      pass.run(
          across,
          band,
          (x, from, n, line) -> System.arraycopy(lines, (x - left) * band + from, line, 0, n),
          (x, from, n, line) -> {
            int column = mirror ? width - 1 - x : x;
            System.arraycopy(line, 0, reduced, column * rows + first + from, n);
          });
    }
    turn(reduced, width, rows, lines);
    byte[] out = new byte[width * down.size() * Image.CHANNELS];
    pass.run(
        down,
        width,
        (y, from, n, line) -> System.arraycopy(lines, (y - low) * width + from, line, 0, n),
        (y, from, n, line) -> scatter(line, n, out, (y * width + from) * Image.CHANNELS));
    return new Image(out, width, down.size());
  }

  /**
   * Packed pixels of a part of an image, column after column. The highest byte of each is not
   * theirs.
   */
  private static void turn(Image image, int x, int y, int columns, int rows, int[] out) {
    byte[] in = image.pixels();
    int step = image.width() * Image.CHANNELS;
    int at = y * step + x * Image.CHANNELS;
    int row = 0;
    // The very last pixel of an image has no fourth byte behind it: not the last row.
    for (; row + BLOCK < rows; row += BLOCK, at += BLOCK * step) {
      turnBlock(in, at, step, columns, rows, row, out);
    }
    for (; row < rows; row++, at += step) {
      int last = columns - 1;
      for (int i = 0; i < last; i++) {
        out[i * rows + row] = (int) INT.get(in, at + i * Image.CHANNELS);
      }
      int end = at + last * Image.CHANNELS;
      out[last * rows + row] =
          (in[end] & 0xFF) | (in[end + 1] & 0xFF) << 8 | (in[end + 2] & 0xFF) << 16;
    }
  }

  private static void turnBlock(
      byte[] in, int at, int step, int columns, int rows, int row, int[] out) {
    int from = at;
    int to = row;
    for (int i = 0; i < columns; i++, from += Image.CHANNELS, to += rows) {
      out[to] = (int) INT.get(in, from);
      out[to + 1] = (int) INT.get(in, from + step);
      out[to + 2] = (int) INT.get(in, from + 2 * step);
      out[to + 3] = (int) INT.get(in, from + 3 * step);
      out[to + 4] = (int) INT.get(in, from + 4 * step);
      out[to + 5] = (int) INT.get(in, from + 5 * step);
      out[to + 6] = (int) INT.get(in, from + 6 * step);
      out[to + 7] = (int) INT.get(in, from + 7 * step);
    }
  }

  /** From {@code width} columns, one after the other, to rows. */
  private static void turn(int[] in, int width, int rows, int[] out) {
    int x = 0;
    for (; x + BLOCK <= width; x += BLOCK) {
      int from = x * rows;
      int to = x;
      for (int y = 0; y < rows; y++, from++, to += width) {
        out[to] = in[from];
        out[to + 1] = in[from + rows];
        out[to + 2] = in[from + 2 * rows];
        out[to + 3] = in[from + 3 * rows];
        out[to + 4] = in[from + 4 * rows];
        out[to + 5] = in[from + 5 * rows];
        out[to + 6] = in[from + 6 * rows];
        out[to + 7] = in[from + 7 * rows];
      }
    }
    for (; x < width; x++) {
      for (int y = 0; y < rows; y++) {
        out[y * width + x] = in[x * rows + y];
      }
    }
  }

  /** Each write also hits the first byte of the next pixel, which the next write puts right. */
  private static void scatter(int[] line, int n, byte[] out, int at) {
    int last = n - 1;
    for (int i = 0; i < last; i++) {
      INT.set(out, at + i * Image.CHANNELS, line[i]);
    }
    int end = at + last * Image.CHANNELS;
    out[end] = (byte) line[last];
    out[end + 1] = (byte) (line[last] >> 8);
    out[end + 2] = (byte) (line[last] >> 16);
  }
}
