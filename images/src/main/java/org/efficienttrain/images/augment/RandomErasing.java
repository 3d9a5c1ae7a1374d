package org.efficienttrain.images.augment;

import java.util.Optional;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.pixel.Region;

/**
 * Draws the rectangle that Random Erasing overwrites (Zhong et al., "Random erasing data
 * augmentation", AAAI 2020). The erasing itself happens on the device, after normalisation: in
 * "pixel" mode every value in the rectangle becomes an independent draw from N(0, 1).
 *
 * @param probability that an image loses a rectangle, default 0.25
 * @param minArea least share of the image, default 0.02
 * @param maxArea largest share of the image, default 1/3
 * @param minAspect least height / width; the largest is its inverse; default 0.3
 */
public record RandomErasing(double probability, double minArea, double maxArea, double minAspect) {
  private static final int ATTEMPTS = 10;

  public RandomErasing {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "the probability of erasing must be in 0..1, not " + probability);
    }
    if (!(minArea > 0 && minArea <= maxArea && maxArea <= 1 && minAspect > 0 && minAspect <= 1)) {
      throw new IllegalArgumentException(
          "no rectangle has an area of %s..%s and an aspect of at least %s"
              .formatted(minArea, maxArea, minAspect));
    }
  }

  /** The usual areas and aspects with this probability. */
  public static RandomErasing withProbability(double probability) {
    return new RandomErasing(probability, 0.02, 1.0 / 3, 0.3);
  }

  /** The rectangle to erase from an image of this size; empty when the image stays whole. */
  public Optional<Region> sample(int width, int height, RandomSource random) {
    if (!random.chance(probability)) {
      return Optional.empty();
    }
    double area = (double) width * height;
    double logAspect = StrictMath.log(minAspect);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      double target = random.uniform(minArea, maxArea) * area;
      double aspect = StrictMath.exp(random.uniform(logAspect, -logAspect));
      int h = (int) Math.rint(Math.sqrt(target * aspect));
      int w = (int) Math.rint(Math.sqrt(target / aspect));
      if (w > 0 && h > 0 && w < width && h < height) {
        int y = random.nextInt(height - h + 1);
        int x = random.nextInt(width - w + 1);
        return Optional.of(new Region(x, y, w, h));
      }
    }
    return Optional.empty();
  }
}
