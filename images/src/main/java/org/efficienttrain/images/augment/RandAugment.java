package org.efficienttrain.images.augment;

import org.efficienttrain.images.Image;
import org.efficienttrain.images.RandomSource;

/**
 * RandAugment (Cubuk et al., "RandAugment: practical automated data augmentation with a reduced
 * search space", NeurIPS 2020) as timm's {@code rand-mM-mstd0.5-inc1}: a few operations drawn with
 * replacement, each applied with probability one half at a level drawn around the magnitude. Here
 * the magnitude may be a fraction, so that a curriculum can raise it continuously.
 *
 * @param layers operations drawn per image, default 2
 * @param probability of applying each, default 0.5
 * @param deviation standard deviation of the level about the magnitude, default 0.5; the level is
 *     cut to 0..10
 * @param fill colour 0xRRGGBB of what geometric operations move in, default the mean of ImageNet
 */
public record RandAugment(int layers, double probability, double deviation, int fill)
    implements Policy {
  /** The mean colour of ImageNet, (124, 116, 104). */
  public static final int IMAGENET_MEAN = 0x7C7468;

  private static final RandAugmentOp[] OPS = RandAugmentOp.values();

  public RandAugment {
    if (layers < 0 || !(probability >= 0 && probability <= 1) || !(deviation >= 0)) {
      throw new IllegalArgumentException(
          "RandAugment cannot have %d layers with probability %s and deviation %s"
              .formatted(layers, probability, deviation));
    }
  }

  /** Two operations, probability 0.5, deviation 0.5, ImageNet's mean. */
  public static RandAugment standard() {
    return new RandAugment(2, 0.5, 0.5, IMAGENET_MEAN);
  }

  @Override
  public Image apply(Image image, double magnitude, RandomSource random) {
    Image result = image;
    for (int layer = 0; layer < layers; layer++) {
      RandAugmentOp op = OPS[random.nextInt(OPS.length)];
      if (random.chance(probability)) {
        double drawn = magnitude + (deviation > 0 ? deviation * random.nextGaussian() : 0);
        double level = Math.max(0, Math.min(RandAugmentOp.MAX_LEVEL, drawn));
        boolean negative = op.signed() && random.chance(0.5);
        result = op.apply(result, negative ? -level : level, fill);
      }
    }
    return result;
  }
}
