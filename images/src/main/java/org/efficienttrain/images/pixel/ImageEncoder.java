package org.efficienttrain.images.pixel;

import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageException;

/** Encodes images as files. */
public final class ImageEncoder {
  private ImageEncoder() {}

  /**
   * As JPEG.
   *
   * @param quality 1 to 100
   */
  public static byte[] jpeg(Image image, int quality) {
    if (quality < 1 || quality > 100) {
      throw new ImageException("the quality of a JPEG is 1 to 100, not " + quality);
    }
    return OpenCv.encodeJpeg(image, quality);
  }

  /** As PNG, without loss. */
  public static byte[] png(Image image) {
    return OpenCv.encodePng(image);
  }
}
