package org.efficienttrain.images.loader;

/**
 * Says, for each step of each epoch, what batch is wanted: this is how a curriculum changes the
 * exposure, and if it likes the batch size, between epochs or within one. Called ahead of time, on
 * any thread; the answer may depend on the arguments alone.
 */
@FunctionalInterface
public interface BatchPlan {
  /**
   * The batch wanted at a step.
   *
   * @param epoch from 0
   * @param step step within the epoch, from 0
   */
  BatchShape shape(int epoch, int step);

  /** The same shape for every step. */
  static BatchPlan constant(BatchShape shape) {
    return (epoch, step) -> shape;
  }
}
