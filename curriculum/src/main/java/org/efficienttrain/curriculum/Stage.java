package org.efficienttrain.curriculum;

/**
 * A part of a curriculum with one exposure. A stage is what somebody asked for; laid over a run it
 * becomes a {@link Phase}, which has steps.
 *
 * @param exposure bandwidth and magnitude in force
 * @param share part of training this stage takes, in (0, 1], on the curriculum's clock
 * @param replay how often an image that was loaded is shown, 1 to 64: with 4, a step loads a
 *     quarter of its batch and draws the rest from the images loaded last (the replay buffer of
 *     EfficientTrain++, section 5.3); 1 is off. It changes neither steps nor batches
 */
public record Stage(Exposure exposure, double share, int replay) {
  /** More would be one image and its copies. */
  public static final int MAX_REPLAY = 64;

  /**
   * Checks the ranges.
   *
   * @throws CurriculumException when the share is not in (0, 1] or the replay not in 1 to 64
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
    if (replay < 1 || replay > MAX_REPLAY) {
      throw new CurriculumException(
          "A stage shows a loaded image 1 to %d times, not %d (bandwidth %d)."
              .formatted(MAX_REPLAY, replay, exposure.bandwidth()));
    }
  }

  /** A stage without replay; see {@link Exposure} for the ranges. */
  public static Stage of(int bandwidth, double share, double magnitude) {
    return new Stage(new Exposure(bandwidth, magnitude), share, 1);
  }

  /** The same stage at another bandwidth. */
  public Stage withBandwidth(int bandwidth) {
    return new Stage(new Exposure(bandwidth, magnitude()), share, replay);
  }

  /** The same stage with another magnitude. */
  public Stage withMagnitude(double magnitude) {
    return new Stage(new Exposure(bandwidth(), magnitude), share, replay);
  }

  /** The same stage with another share. */
  public Stage withShare(double share) {
    return new Stage(exposure, share, replay);
  }

  /** The same stage with another replay. */
  public Stage withReplay(int replay) {
    return new Stage(exposure, share, replay);
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
