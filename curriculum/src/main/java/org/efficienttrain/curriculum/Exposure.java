package org.efficienttrain.curriculum;

/**
 * What the network is shown at one moment of training.
 *
 * @param bandwidth side B in pixels of the low-frequency crop the network sees, at least 2; an odd
 *     one below the image size acts as the even one before it, as in the official code
 * @param magnitude strength of RandAugment, 0 (weakest) to 10 (the papers end at 9); a run without
 *     RandAugment ignores it
 */
public record Exposure(int bandwidth, double magnitude) {
  /** Largest magnitude that RandAugment defines. */
  public static final double MAX_MAGNITUDE = 10;

  /**
   * Checks the ranges.
   *
   * @throws CurriculumException when the bandwidth is below 2 or the magnitude outside [0, 10]
   */
  public Exposure {
    if (bandwidth < 2) {
      throw new CurriculumException(
          "A bandwidth is at least 2 pixels, not " + bandwidth + ": give a larger one.");
    }
    if (!(magnitude >= 0 && magnitude <= MAX_MAGNITUDE)) {
      throw new CurriculumException(
          "A RandAugment magnitude lies between 0 and 10, not at " + magnitude + ".");
    }
  }
}
