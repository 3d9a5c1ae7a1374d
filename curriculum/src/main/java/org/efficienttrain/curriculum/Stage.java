package org.efficienttrain.curriculum;

/**
 * A part of training with one exposure.
 *
 * @param exposure bandwidth and magnitude in force
 * @param share part of training this stage takes, in (0, 1], on the curriculum's clock
 */
public record Stage(Exposure exposure, double share) {
  /**
   * Checks the share.
   *
   * @throws CurriculumException when the share is not in (0, 1]
   */
  public Stage {
    if (!(share > 0 && share <= 1)) {
      throw new CurriculumException(
          "A stage's share of training is above 0 and at most 1, not "
              + share
              + " (bandwidth "
              + exposure.bandwidth()
              + ").");
    }
  }

  /** A stage from its parts; see {@link Exposure} for the ranges. */
  public static Stage of(int bandwidth, double share, double magnitude) {
    return new Stage(new Exposure(bandwidth, magnitude), share);
  }

  /** Side in pixels of the low-frequency crop. */
  public int bandwidth() {
    return exposure.bandwidth();
  }

  /** Strength of RandAugment. */
  public double magnitude() {
    return exposure.magnitude();
  }
}
