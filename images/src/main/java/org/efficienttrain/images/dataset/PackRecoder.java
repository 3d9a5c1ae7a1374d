package org.efficienttrain.images.dataset;

import java.util.function.UnaryOperator;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.pixel.ImageDecoder;
import org.efficienttrain.images.pixel.ImageEncoder;
import org.efficienttrain.images.pixel.Interpolation;
import org.efficienttrain.images.pixel.Resampler;

/**
 * Makes images smaller before they are packed: the smaller side becomes {@code side} pixels
 * (bicubic, antialiased) and the file a JPEG. Images that are no larger keep their bytes.
 *
 * @param side in pixels, at least 8
 * @param quality of the JPEG, 1 to 100
 */
public record PackRecoder(int side, int quality) implements UnaryOperator<byte[]> {
  /** Hardly visible, and a third of the bytes of 100. */
  public static final int DEFAULT_QUALITY = 90;

  private static final ImageDecoder DECODER = new ImageDecoder();

  public PackRecoder {
    if (side < 8) {
      throw new ImageException("the side of packed images must be at least 8, not " + side);
    }
    if (quality < 1 || quality > 100) {
      throw new ImageException("the quality of a JPEG is 1 to 100, not " + quality);
    }
  }

  @Override
  public byte[] apply(byte[] file) {
    Image image = DECODER.decode(file);
    int smaller = Math.min(image.width(), image.height());
    if (smaller <= side) {
      return file;
    }
    int width = Math.max(side, (int) Math.round((double) image.width() * side / smaller));
    int height = Math.max(side, (int) Math.round((double) image.height() * side / smaller));
    return ImageEncoder.jpeg(
        Resampler.resize(image, width, height, Interpolation.BICUBIC), quality);
  }
}
