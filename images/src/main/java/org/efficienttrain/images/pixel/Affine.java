package org.efficienttrain.images.pixel;

import org.efficienttrain.images.Image;

/**
 * Pillow's affine transform with bicubic sampling (cubic convolution with a = -1, no antialiasing,
 * results truncated). Each output pixel is taken from where the matrix maps its centre to; pixels
 * from outside the image get the fill colour.
 */
public final class Affine {
  private Affine() {}

  /** {@code x + factor * y}: a positive factor moves lower rows to the left. */
  public static Image shearX(Image image, double factor, int fill) {
    return transform(image, new double[] {1, factor, 0, 0, 1, 0}, fill);
  }

  /** {@code y + factor * x}: a positive factor moves right-hand columns up. */
  public static Image shearY(Image image, double factor, int fill) {
    return transform(image, new double[] {1, 0, 0, factor, 1, 0}, fill);
  }

  /** Moves the image to the left by this many pixels, fractions allowed. */
  public static Image translateX(Image image, double pixels, int fill) {
    return transform(image, new double[] {1, 0, pixels, 0, 1, 0}, fill);
  }

  /** Moves the image up by this many pixels, fractions allowed. */
  public static Image translateY(Image image, double pixels, int fill) {
    return transform(image, new double[] {1, 0, 0, 0, 1, pixels}, fill);
  }

  /** Rotates about the centre, counter-clockwise; less than 180 degrees either way. */
  public static Image rotate(Image image, double degrees, int fill) {
    if (degrees == 0) {
      return image;
    }
    // The same way round as Pillow computes it, so that the matrix is the same to the last bit.
    double angle = -StrictMath.toRadians(degrees < 0 ? degrees + 360 : degrees);
    double cos = round15(StrictMath.cos(angle));
    double sin = round15(StrictMath.sin(angle));
    double x = image.width() / 2.0;
    double y = image.height() / 2.0;
    double[] matrix = {cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y};
    return transform(image, matrix, fill);
  }

  private static double round15(double value) {
    return Math.rint(value * 1e15) / 1e15;
  }

  /**
   * @param m output (x, y), at pixel centres, is taken from {@code (m0 x + m1 y + m2, m3 x + m4 y +
   *     m5)}
   * @param fill colour 0xRRGGBB of what comes from outside
   */
  private static Image transform(Image image, double[] m, int fill) {
    byte[] out = new byte[image.pixels().length];
    boolean alongRows = m[3] == 0 && m[4] == 1 && m[5] == 0;
    boolean alongColumns = m[0] == 1 && m[1] == 0 && m[2] == 0;
    int at = 0;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++, at += Image.CHANNELS) {
        double fromX = m[0] * (x + 0.5) + m[1] * (y + 0.5) + m[2];
        double fromY = m[3] * (x + 0.5) + m[4] * (y + 0.5) + m[5];
        boolean inside =
            fromX >= 0 && fromX < image.width() && fromY >= 0 && fromY < image.height();
        if (!inside) {
          out[at] = (byte) (fill >> 16);
          out[at + 1] = (byte) (fill >> 8);
          out[at + 2] = (byte) fill;
        } else if (alongRows) {
          sampleAlongRow(image, fromX - 0.5, y, out, at);
        } else if (alongColumns) {
          sampleAlongColumn(image, x, fromY - 0.5, out, at);
        } else {
          sample(image, fromX - 0.5, fromY - 0.5, out, at);
        }
      }
    }
    return new Image(out, image.width(), image.height());
  }

  private static void sampleAlongRow(Image image, double x, int y, byte[] out, int at) {
    int left = (int) Math.floor(x);
    int row = y * image.width();
    int last = image.width() - 1;
    interpolate(
        image.pixels(),
        (row + clamp(left - 1, last)) * Image.CHANNELS,
        (row + clamp(left, last)) * Image.CHANNELS,
        (row + clamp(left + 1, last)) * Image.CHANNELS,
        (row + clamp(left + 2, last)) * Image.CHANNELS,
        x - left,
        out,
        at);
  }

  private static void sampleAlongColumn(Image image, int x, double y, byte[] out, int at) {
    int upper = (int) Math.floor(y);
    int width = image.width();
    int last = image.height() - 1;
    interpolate(
        image.pixels(),
        (clamp(upper - 1, last) * width + x) * Image.CHANNELS,
        (clamp(upper, last) * width + x) * Image.CHANNELS,
        (clamp(upper + 1, last) * width + x) * Image.CHANNELS,
        (clamp(upper + 2, last) * width + x) * Image.CHANNELS,
        y - upper,
        out,
        at);
  }

  private static void interpolate(
      byte[] in, int i0, int i1, int i2, int i3, double t, byte[] out, int at) {
    for (int c = 0; c < Image.CHANNELS; c++) {
      double value =
          cubic(in[i0 + c] & 0xFF, in[i1 + c] & 0xFF, in[i2 + c] & 0xFF, in[i3 + c] & 0xFF, t);
      out[at + c] = truncate(value);
    }
  }

  private static void sample(Image image, double x, double y, byte[] out, int at) {
    byte[] in = image.pixels();
    int left = (int) Math.floor(x);
    int upper = (int) Math.floor(y);
    int lastX = image.width() - 1;
    int lastY = image.height() - 1;
    int x0 = clamp(left - 1, lastX) * Image.CHANNELS;
    int x1 = clamp(left, lastX) * Image.CHANNELS;
    int x2 = clamp(left + 1, lastX) * Image.CHANNELS;
    int x3 = clamp(left + 2, lastX) * Image.CHANNELS;
    int row = image.width() * Image.CHANNELS;
    int y0 = clamp(upper - 1, lastY) * row;
    int y1 = clamp(upper, lastY) * row;
    int y2 = clamp(upper + 1, lastY) * row;
    int y3 = clamp(upper + 2, lastY) * row;
    double tx = x - left;
    double ty = y - upper;
    for (int c = 0; c < Image.CHANNELS; c++) {
      double value =
          cubic(
              along(in, y0 + c, x0, x1, x2, x3, tx),
              along(in, y1 + c, x0, x1, x2, x3, tx),
              along(in, y2 + c, x0, x1, x2, x3, tx),
              along(in, y3 + c, x0, x1, x2, x3, tx),
              ty);
      out[at + c] = truncate(value);
    }
  }

  private static double along(byte[] in, int row, int x0, int x1, int x2, int x3, double t) {
    return cubic(
        in[row + x0] & 0xFF, in[row + x1] & 0xFF, in[row + x2] & 0xFF, in[row + x3] & 0xFF, t);
  }

  /** Between b (t = 0) and c (t = 1). */
  private static double cubic(double a, double b, double c, double d, double t) {
    double linear = c - a;
    double square = 2 * (a - b) + c - d;
    double cube = b - a - c + d;
    return b + t * (linear + t * (square + t * cube));
  }

  private static byte truncate(double value) {
    return (byte) Math.max(0, Math.min(255, (int) value));
  }

  private static int clamp(int position, int last) {
    return Math.max(0, Math.min(last, position));
  }
}
