package org.efficienttrain.images.augment;

import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.pixel.Region;

/**
 * Draws a rectangle of random area and aspect ratio ("Inception crop"; Szegedy et al., "Going
 * deeper with convolutions", CVPR 2015).
 *
 * @param minScale least area as a share of the image's, default 0.08
 * @param maxScale largest area as a share of the image's, default 1
 * @param minRatio least width / height, default 3/4
 * @param maxRatio largest width / height, default 4/3
 */
public record RandomResizedCrop(double minScale, double maxScale, double minRatio, double maxRatio)
    implements SampleCrop {
  private static final int ATTEMPTS = 10;

  public RandomResizedCrop {
    if (!(minScale > 0 && minScale <= maxScale && maxScale <= 1)) {
      throw new IllegalArgumentException(
          "the crop's scale must be a range within 0..1, not %s..%s".formatted(minScale, maxScale));
    }
    if (!(minRatio > 0 && minRatio <= maxRatio && maxRatio < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the crop's ratio must be a range of positive numbers, not %s..%s"
              .formatted(minRatio, maxRatio));
    }
  }

  /** Scale 0.08 to 1, ratio 3/4 to 4/3. */
  public static RandomResizedCrop standard() {
    return new RandomResizedCrop(0.08, 1, 3.0 / 4, 4.0 / 3);
  }

  /**
   * Draws a rectangle within an image of this size. After ten that do not fit, it is the largest
   * central one whose ratio is allowed.
   */
  public Region sample(int width, int height, RandomSource random) {
    double area = (double) width * height;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      double target = random.uniform(minScale, maxScale) * area;
      double logRatio = random.uniform(StrictMath.log(minRatio), StrictMath.log(maxRatio));
      double ratio = StrictMath.exp(logRatio);
      int w = (int) Math.rint(Math.sqrt(target * ratio));
      int h = (int) Math.rint(Math.sqrt(target / ratio));
      if (w > 0 && h > 0 && w <= width && h <= height) {
        int y = random.nextInt(height - h + 1);
        int x = random.nextInt(width - w + 1);
        return new Region(x, y, w, h);
      }
    }
    return central(width, height);
  }

  private Region central(int width, int height) {
    double ratio = (double) width / height;
    int w = width;
    int h = height;
    if (ratio < minRatio) {
      h = (int) Math.max(1, Math.min(height, Math.rint(width / minRatio)));
    } else if (ratio > maxRatio) {
      w = (int) Math.max(1, Math.min(width, Math.rint(height * maxRatio)));
    }
    return new Region((width - w) / 2, (height - h) / 2, w, h);
  }
}
