package org.efficienttrain.images.loader;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Which steps must be loaded again so that a run which starts in the middle has the same replay
 * buffer as one that came from the beginning: the buffer holds the samples loaded last, at the side
 * in force, and each of them can be made again from the seed.
 */
final class ReplayWarmUp {
  private ReplayWarmUp() {}

  static Deque<BatchCursor.Step> stepsBefore(
      int samples, LoaderSettings settings, BatchPlan plan, BatchCursor.Step wanted) {
    int capacity = settings.replay().orElseThrow().capacity();
    Deque<BatchCursor.Step> result = new ArrayDeque<>();
    int side = wanted.exposure().side();
    long loaded = 0;
    for (int epoch = wanted.epoch(); epoch >= 0; epoch--) {
      Deque<BatchCursor.Step> steps = stepsOf(samples, settings, plan, epoch);
      while (epoch == wanted.epoch() && steps.size() > wanted.step()) {
        steps.removeLast();
      }
      while (!steps.isEmpty()) {
        BatchCursor.Step step = steps.removeLast();
        if (loaded >= capacity || step.exposure().side() != side) {
          return result;
        }
        result.addFirst(step);
        loaded += step.fresh();
      }
    }
    return result;
  }

  private static Deque<BatchCursor.Step> stepsOf(
      int samples, LoaderSettings settings, BatchPlan plan, int epoch) {
    BatchCursor cursor = new BatchCursor(samples, settings, plan, epoch, epoch + 1);
    Deque<BatchCursor.Step> steps = new ArrayDeque<>();
    for (BatchCursor.Step step = cursor.next(); step != null; step = cursor.next()) {
      steps.addLast(step);
    }
    return steps;
  }
}
