package org.efficienttrain.images.pixel;

import org.efficienttrain.images.Image;

/**
 * Pillow's Gaussian blur: three box blurs of fractional width along each axis, every one rounded to
 * 8 bits (Gwosdek et al., "Theoretical foundations of Gaussian convolution by extended box
 * filtering", 2011).
 */
public final class GaussianBlur {
  private static final int PASSES = 3;
  private static final int ONE = 1 << 24;

  private GaussianBlur() {}

  /**
   * Blurs an image.
   *
   * @param sigma standard deviation in pixels, 0 or more
   */
  public static Image blur(Image image, double sigma) {
    float radius = boxRadius((float) sigma);
    int width = image.width();
    int height = image.height();
    byte[] pixels = image.pixels().clone();
    int row = width * Image.CHANNELS;
    Line line = new Line(Math.max(width, height), radius);
    for (int y = 0; y < height; y++) {
      for (int c = 0; c < Image.CHANNELS; c++) {
        line.blur(pixels, y * row + c, Image.CHANNELS, width);
      }
    }
    for (int i = 0; i < row; i++) {
      line.blur(pixels, i, row, height);
    }
    return new Image(pixels, width, height);
  }

  /** The radius, in pixels, of the boxes that together have this standard deviation. */
  private static float boxRadius(float sigma) {
    float variance = sigma * sigma / PASSES;
    float length = (float) Math.sqrt(12.0 * variance + 1.0);
    float whole = (float) Math.floor((length - 1.0) / 2.0);
    float part = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
    part /= 6 * (variance - (whole + 1) * (whole + 1));
    return whole + part;
  }

  /** Box blurs one row or column in place. */
  private static final class Line {
    private final int radius;
    private final int weight;
    private final int edgeWeight;
    private final int[] values;

    Line(int longest, float boxRadius) {
      radius = (int) boxRadius;
      weight = (int) (ONE / (boxRadius * 2 + 1));
      edgeWeight = (ONE - (radius * 2 + 1) * weight) / 2;
      // The line with its end values repeated to both sides as far as the box reaches.
      values = new int[longest + 2 * (radius + 1)];
    }

    void blur(byte[] pixels, int start, int step, int length) {
      for (int pass = 0; pass < PASSES; pass++) {
        int margin = radius + 1;
        for (int i = 0; i < length + 2 * margin; i++) {
          int inside = Math.max(0, Math.min(length - 1, i - margin));
          values[i] = pixels[start + inside * step] & 0xFF;
        }
        int sum = 0;
        for (int i = 0; i < 2 * radius + 1; i++) {
          sum += values[i];
        }
        for (int i = 0; i < length; i++) {
          sum += values[i + 2 * radius + 1] - values[i];
          int edges = values[i] + values[i + 2 * radius + 2];
          // Up to 255 * 2^24: unsigned.
          pixels[start + i * step] = (byte) ((sum * weight + edges * edgeWeight + ONE / 2) >>> 24);
        }
      }
    }
  }
}
