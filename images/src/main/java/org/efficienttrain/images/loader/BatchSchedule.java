package org.efficienttrain.images.loader;

import org.efficienttrain.images.ImageException;

/**
 * Says which samples each step of a run takes. This is the only authority: the loader counts
 * neither epochs nor positions. Called ahead of time, on any thread, for steps in any order; the
 * answer may depend on the step alone.
 */
@FunctionalInterface
public interface BatchSchedule {
  /**
   * The batch of a step.
   *
   * @param step from 0
   */
  BatchAddress at(long step);

  /**
   * Epoch after epoch of equal batches, each without what does not fill a batch.
   *
   * @param samples in the dataset
   * @param worldSize processes that share it
   * @param shape of the batch of each process
   * @throws ImageException when the dataset is smaller than a batch
   */
  static BatchSchedule epochs(int samples, int worldSize, BatchShape shape) {
    long perStep = (long) shape.count() * worldSize;
    long perEpoch = samples / perStep;
    if (perEpoch == 0) {
      throw new ImageException(
          "the dataset has %d images, fewer than one batch of %d: use a smaller batch size"
              .formatted(samples, perStep));
    }
    return step ->
        BatchAddress.fresh((int) (step / perEpoch), (int) (step % perEpoch * perStep), shape);
  }

  /**
   * Every sample once: the batches of one process, of which the last may be smaller.
   *
   * @param samples that this process has
   * @param worldSize processes that share the dataset
   */
  static BatchSchedule once(int samples, int worldSize, BatchShape shape) {
    return step -> {
      int before = Math.toIntExact(step * shape.count());
      int left = Math.min(shape.count(), samples - before);
      return BatchAddress.fresh(0, before * worldSize, new BatchShape(left, shape.exposure()));
    };
  }
}
