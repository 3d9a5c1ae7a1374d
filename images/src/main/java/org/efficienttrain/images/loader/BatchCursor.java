package org.efficienttrain.images.loader;

import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.SampleExposure;

/**
 * Walks through the steps of a plan, epoch after epoch, and knows which positions of the epoch each
 * step covers. Positions are this rank's own: its k-th one is position {@code k * worldSize + rank}
 * of the epoch, so that all ranks together take the order from front to back.
 */
final class BatchCursor {
  /**
   * One batch to make.
   *
   * @param firstPosition this rank's position of the first sample
   * @param fresh samples to load
   * @param count samples in the batch; more than {@code fresh} when samples are replayed
   */
  record Step(
      int epoch, int step, int firstPosition, int fresh, int count, SampleExposure exposure) {}

  private final LoaderSettings settings;
  private final BatchPlan plan;
  private final int positions;
  private final int endEpoch;

  private int epoch;
  private int step;
  private int position;

  BatchCursor(int samples, LoaderSettings settings, BatchPlan plan, int firstEpoch, int endEpoch) {
    this.settings = settings;
    this.plan = plan;
    this.endEpoch = endEpoch;
    this.epoch = firstEpoch;
    int left = samples - settings.rank();
    this.positions =
        settings.training()
            ? samples / settings.worldSize()
            : Math.max(0, (left + settings.worldSize() - 1) / settings.worldSize());
  }

  /** The next step, or null after the last one. */
  Step next() {
    while (epoch < endEpoch) {
      Step next = nextInEpoch();
      if (next != null) {
        return next;
      }
      if (step == 0 && settings.training()) {
        throw new ImageException(
            "the dataset has %d images per process, fewer than one batch of %d: use a smaller batch size"
                .formatted(positions, fresh(plan.shape(epoch, 0))));
      }
      epoch++;
      step = 0;
      position = 0;
    }
    return null;
  }

  private Step nextInEpoch() {
    if (position >= positions) {
      return null; // The plan need not know a step behind the last one.
    }
    BatchShape shape = plan.shape(epoch, step);
    int fresh = fresh(shape);
    int count = shape.count();
    if (position + (long) fresh > positions) {
      if (settings.training()) {
        return null;
      }
      fresh = positions - position;
      count = fresh;
    }
    Step next = new Step(epoch, step, position, fresh, count, shape.exposure());
    position += fresh;
    step++;
    return next;
  }

  private int fresh(BatchShape shape) {
    return settings
        .replay()
        .map(replay -> Math.max(1, shape.count() / replay.times()))
        .orElse(shape.count());
  }

  /** Number of steps from here to the end of the plan. */
  int countSteps() {
    int steps = 0;
    while (next() != null) {
      steps++;
    }
    return steps;
  }

  /** Skips steps of the current epoch. */
  void skip(int steps) {
    for (int i = 0; i < steps; i++) {
      if (nextInEpoch() == null) {
        throw new ImageException(
            "epoch %d has %d steps on this dataset, so it cannot be entered at step %d"
                .formatted(epoch, step, steps));
      }
    }
  }
}
