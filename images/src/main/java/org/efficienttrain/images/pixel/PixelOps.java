package org.efficienttrain.images.pixel;

import org.efficienttrain.images.Image;

/** Cutting, padding and flipping. Each leaves its argument as it is. */
public final class PixelOps {
  private PixelOps() {}

  /** Left becomes right. */
  public static Image mirror(Image image) {
    byte[] in = image.pixels();
    byte[] out = new byte[in.length];
    int row = image.width() * Image.CHANNELS;
    for (int start = 0; start < in.length; start += row) {
      int to = start + row;
      for (int from = start; from < start + row; from += Image.CHANNELS) {
        to -= Image.CHANNELS;
        out[to] = in[from];
        out[to + 1] = in[from + 1];
        out[to + 2] = in[from + 2];
      }
    }
    return new Image(out, image.width(), image.height());
  }

  /**
   * Cuts out a rectangle that may reach beyond the image; what lies outside is black.
   *
   * @param x left edge, may be negative
   * @param y upper edge, may be negative
   */
  public static Image cut(Image image, int x, int y, int width, int height) {
    if (x == 0 && y == 0 && width == image.width() && height == image.height()) {
      return image;
    }
    Image out = Image.black(width, height);
    int left = Math.max(0, x);
    int length = Math.min(image.width(), x + width) - left;
    int bottom = Math.min(image.height(), y + height);
    for (int row = Math.max(0, y); row < bottom && length > 0; row++) {
      System.arraycopy(
          image.pixels(),
          (row * image.width() + left) * Image.CHANNELS,
          out.pixels(),
          ((row - y) * width + left - x) * Image.CHANNELS,
          length * Image.CHANNELS);
    }
    return out;
  }
}
