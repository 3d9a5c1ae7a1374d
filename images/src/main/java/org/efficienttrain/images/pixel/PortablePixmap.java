package org.efficienttrain.images.pixel;

import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.Image;

/** Binary PPM (P6 with at most 255 levels): the form in which datasets hand out raw pixels. */
final class PortablePixmap {
  private PortablePixmap() {}

  /**
   * The numbers of the header.
   *
   * @return width, height, largest value, offset of the first pixel
   * @throws IndexOutOfBoundsException when the file ends within the header
   */
  static int[] fields(byte[] file) {
    int[] fields = new int[4];
    int at = 2;
    for (int i = 0; i < 3; i++) {
      while (file[at] == '#' || Character.isWhitespace(file[at])) {
        if (file[at++] == '#') {
          while (file[at++] != '\n') {}
        }
      }
      long value = 0;
      int digits = at;
      while (file[at] >= '0' && file[at] <= '9' && value < Integer.MAX_VALUE) {
        value = value * 10 + file[at++] - '0';
      }
      if (at == digits || value > Integer.MAX_VALUE) {
        throw damaged();
      }
      fields[i] = (int) value;
    }
    fields[3] = at + 1;
    return fields;
  }

  /** The pixels; values are stretched to 0..255 when the file has fewer levels. */
  static Image decode(byte[] file) {
    int[] fields = fields(file);
    int maximum = fields[2];
    if (maximum < 1 || maximum > 255) {
      throw damaged();
    }
    long bytes = (long) fields[0] * fields[1] * Image.CHANNELS;
    if (file.length - fields[3] < bytes) {
      throw new BrokenImageException(Reason.TRUNCATED, "the PPM data end early");
    }
    byte[] pixels = new byte[(int) bytes];
    System.arraycopy(file, fields[3], pixels, 0, pixels.length);
    if (maximum != 255) {
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (byte) Math.min(255, Math.round((pixels[i] & 0xFF) * 255f / maximum));
      }
    }
    return new Image(pixels, fields[0], fields[1]);
  }

  private static BrokenImageException damaged() {
    return new BrokenImageException(Reason.CORRUPT, "the PPM header is damaged");
  }
}
