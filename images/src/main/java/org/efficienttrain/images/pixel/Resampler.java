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
   * image and leaves them lying on their side, the second makes its rows out of rows.
   */
  private static Image resample(
      Image image, Region region, ResampleAxis across, ResampleAxis down, boolean mirror) {
    int low = down.low();
    int rows = down.high() - low;
    int width = across.size();
    byte[] in = image.pixels();
    int rowBytes = image.width() * Image.CHANNELS;
    int origin = (region.y() + low) * rowBytes + region.x() * Image.CHANNELS;
    LinePass pass = PASS.get();
    int[] turned = pass.buffer(width * rows);
    pass.run(
        across,
        rows,
        (x, from, n, line) ->
            gather(in, origin + x * Image.CHANNELS + from * rowBytes, rowBytes, n, line),
        (x, from, n, line) ->
            System.arraycopy(line, 0, turned, (mirror ? width - 1 - x : x) * rows + from, n));
    byte[] out = new byte[width * down.size() * Image.CHANNELS];
    pass.run(
        down,
        width,
        (y, from, n, line) -> gather(turned, from * rows + y - low, rows, n, line),
        (y, from, n, line) -> scatter(line, n, out, (y * width + from) * Image.CHANNELS));
    return new Image(out, width, down.size());
  }

  /** Packed pixels from every {@code step}-th byte on; the highest byte of each is not theirs. */
  private static void gather(byte[] in, int at, int step, int n, int[] line) {
    int last = n - 1;
    for (int i = 0; i < last; i++) {
      line[i] = (int) INT.get(in, at + i * step);
    }
    // The very last pixel of an image has no fourth byte behind it.
    int end = at + last * step;
    line[last] = (in[end] & 0xFF) | (in[end + 1] & 0xFF) << 8 | (in[end + 2] & 0xFF) << 16;
  }

  private static void gather(int[] in, int at, int step, int n, int[] line) {
    for (int i = 0, from = at; i < n; i++, from += step) {
      line[i] = in[from];
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
