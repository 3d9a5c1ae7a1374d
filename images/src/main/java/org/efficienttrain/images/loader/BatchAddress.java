package org.efficienttrain.images.loader;

import org.efficienttrain.images.SampleExposure;

/**
 * Which samples make one batch, and how they are shown. Of W processes, process r loads those at
 * the positions {@code first + k W + r} of the epoch's order, for k from 0 to {@code fresh - 1}, so
 * that all together take the order from front to back; the rest of its batch is drawn from its
 * replay buffer.
 *
 * @param epoch which order, from 0; see {@link EpochOrder}
 * @param first position of the first sample of all processes in that order
 * @param fresh samples that each process loads, at least 1
 * @param count samples in the batch of each process, at least {@code fresh}
 * @param exposure how they are shown
 * @param replayFrom oldest step whose samples may be drawn again; matters only where {@code count}
 *     is above {@code fresh}
 */
public record BatchAddress(
    int epoch, int first, int fresh, int count, SampleExposure exposure, long replayFrom) {

  /** Checks the ranges. */
  public BatchAddress {
    if (epoch < 0 || first < 0 || fresh < 1 || count < fresh) {
      throw new IllegalArgumentException(
          "a batch of epoch %d from position %d with %d fresh of %d samples cannot be"
              .formatted(epoch, first, fresh, count));
    }
  }

  /** A batch without samples from the replay buffer. */
  public static BatchAddress fresh(int epoch, int first, BatchShape shape) {
    return new BatchAddress(epoch, first, shape.count(), shape.count(), shape.exposure(), 0);
  }

  /** Whether samples are drawn from the replay buffer. */
  public boolean replays() {
    return count > fresh;
  }

  /** Bytes of the pixels of the batch. */
  int bytes() {
    return new BatchShape(count, exposure).bytes();
  }
}
