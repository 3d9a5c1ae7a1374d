package org.efficienttrain.images.augment;

import org.efficienttrain.images.Image;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.pixel.PixelOps;

/**
 * Pads with black on all sides and cuts out a piece of the original size at a random place: the
 * crop for small images (He et al., "Deep residual learning", CVPR 2016, section 4.2).
 *
 * @param padding pixels on each side, default 4 (at 32 x 32)
 */
public record PaddedCrop(int padding) implements SampleCrop {
  public PaddedCrop {
    if (padding < 0) {
      throw new IllegalArgumentException("the crop's padding must be 0 or more, not " + padding);
    }
  }

  /** Draws the place and cuts. */
  public Image apply(Image image, RandomSource random) {
    int y = random.nextInt(2 * padding + 1) - padding;
    int x = random.nextInt(2 * padding + 1) - padding;
    return PixelOps.cut(image, x, y, image.width(), image.height());
  }
}
