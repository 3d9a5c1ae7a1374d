package org.efficienttrain.curriculum;

/**
 * A place in the passes over the data.
 *
 * @param epoch passes completed, from 0
 * @param image images of this pass that were loaded, over all ranks, from 0
 */
public record EpochPosition(long epoch, long image) {
  /**
   * The place some steps on. What is left of a pass when no whole step fits is left out.
   *
   * @param fresh images that each of the steps loads, over all ranks
   * @param images in the training set, at least {@code fresh}
   */
  EpochPosition after(long steps, int fresh, long images) {
    long inThis = (images - image) / fresh;
    if (steps < inThis) {
      return new EpochPosition(epoch, image + steps * fresh);
    }
    long perEpoch = images / fresh;
    long beyond = steps - inThis;
    return new EpochPosition(epoch + 1 + beyond / perEpoch, beyond % perEpoch * fresh);
  }
}
