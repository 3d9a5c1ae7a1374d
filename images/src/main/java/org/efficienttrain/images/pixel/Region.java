package org.efficienttrain.images.pixel;

/**
 * A rectangle of whole pixels.
 *
 * @param x left edge
 * @param y upper edge
 * @param width at least 1
 * @param height at least 1
 */
public record Region(int x, int y, int width, int height) {
  public Region {
    if (x < 0 || y < 0 || width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "no region of %d x %d at (%d, %d)".formatted(width, height, x, y));
    }
  }

  /** The whole of an image of this size. */
  public static Region whole(int width, int height) {
    return new Region(0, 0, width, height);
  }
}
