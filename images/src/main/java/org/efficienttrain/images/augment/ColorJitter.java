package org.efficienttrain.images.augment;

import org.efficienttrain.images.Image;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.pixel.ColourOps;

/**
 * Changes brightness, contrast and saturation by random factors, in random order (Krizhevsky et
 * al., 2012, in torchvision's form, without hue).
 *
 * @param strength each factor is drawn from {@code max(0, 1 - strength) .. 1 + strength}; timm's
 *     default 0.4, DeiT III's 0.3
 */
public record ColorJitter(double strength) {
  /** The orders of three operations. */
  private static final int[][] ORDERS = {
    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}
  };

  public ColorJitter {
    if (!(strength >= 0)) {
      throw new IllegalArgumentException(
          "the strength of colour jitter must be 0 or more, not " + strength);
    }
  }

  /** Draws order and factors, and applies them. */
  public Image apply(Image image, RandomSource random) {
    if (strength == 0) {
      return image;
    }
    Image result = image;
    for (int operation : ORDERS[random.nextInt(ORDERS.length)]) {
      double factor = random.uniform(Math.max(0, 1 - strength), 1 + strength);
      result =
          switch (operation) {
            case 0 -> ColourOps.brightness(result, factor);
            case 1 -> ColourOps.contrast(result, factor);
            default -> ColourOps.saturation(result, factor);
          };
    }
    return result;
  }
}
