package org.efficienttrain.images.augment;

import org.efficienttrain.images.Image;
import org.efficienttrain.images.RandomSource;

/** A random change of an image whose strength the curriculum may set. */
@FunctionalInterface
public interface Policy {
  /** Leaves every image as it is. */
  Policy NONE = (image, magnitude, random) -> image;

  /**
   * Returns a changed image of the same size; the argument stays as it is.
   *
   * @param magnitude strength, 0 to 10; a policy without strength ignores it
   */
  Image apply(Image image, double magnitude, RandomSource random);
}
