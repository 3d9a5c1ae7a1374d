package org.efficienttrain.images;

import java.nio.charset.StandardCharsets;

/**
 * Pixels in memory: interleaved RGB, one unsigned byte per channel, rows from top to bottom without
 * padding. The value at (x, y, c) is {@code pixels()[(y * width + x) * 3 + c] & 0xFF}. The array is
 * not copied: whoever creates an image hands it over.
 */
public final class Image {
  /** Red, green, blue. */
  public static final int CHANNELS = 3;

  private final byte[] pixels;
  private final int width;
  private final int height;

  /**
   * @param pixels {@code height * width * 3} bytes, row by row
   * @throws IllegalArgumentException when the sizes do not agree
   */
  public Image(byte[] pixels, int width, int height) {
    if (width <= 0 || height <= 0 || pixels.length != (long) width * height * CHANNELS) {
      throw new IllegalArgumentException(
          "an image of %d x %d does not have %d bytes".formatted(width, height, pixels.length));
    }
    this.pixels = pixels;
    this.width = width;
    this.height = height;
  }

  /** A black image. */
  public static Image black(int width, int height) {
    return new Image(new byte[Math.multiplyExact(width * CHANNELS, height)], width, height);
  }

  /** The pixels themselves, not a copy. */
  public byte[] pixels() {
    return pixels;
  }

  /** Pixels in a row, at least 1. */
  public int width() {
    return width;
  }

  /** Rows, at least 1. */
  public int height() {
    return height;
  }

  /** One channel value, 0 to 255. */
  public int get(int x, int y, int channel) {
    return pixels[(y * width + x) * CHANNELS + channel] & 0xFF;
  }

  /**
   * The image as a file without compression: a binary PPM (P6, maximum 255). Datasets that hold raw
   * pixels hand them out in this form, so that every sample of every dataset is an encoded file.
   */
  public byte[] toPpm() {
    byte[] header = ppmHeader(width, height);
    byte[] file = new byte[header.length + pixels.length];
    System.arraycopy(header, 0, file, 0, header.length);
    System.arraycopy(pixels, 0, file, header.length, pixels.length);
    return file;
  }

  /** What precedes the pixels in a binary PPM. */
  public static byte[] ppmHeader(int width, int height) {
    return ("P6\n" + width + " " + height + "\n255\n").getBytes(StandardCharsets.US_ASCII);
  }
}
