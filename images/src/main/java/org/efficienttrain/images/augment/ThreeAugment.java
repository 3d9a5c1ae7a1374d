package org.efficienttrain.images.augment;

import org.efficienttrain.images.Image;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.pixel.ColourOps;
import org.efficienttrain.images.pixel.GaussianBlur;

/**
 * 3-Augment (Touvron, Cord and Jégou, "DeiT III: revenge of the ViT", ECCV 2022): always one of
 * gray, solarised at 128, or blurred with a standard deviation of 0.1 to 2 pixels, equally likely.
 * It has no strength: the magnitude is ignored. The paper follows it by colour jitter of 0.3.
 */
public record ThreeAugment() implements Policy {
  @Override
  public Image apply(Image image, double magnitude, RandomSource random) {
    return switch (random.nextInt(3)) {
      case 0 -> ColourOps.grayscale(image);
      case 1 -> ColourOps.solarize(image, 128);
      default -> GaussianBlur.blur(image, random.uniform(0.1, 2));
    };
  }
}
