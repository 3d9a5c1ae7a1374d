package org.efficienttrain.images.loader;

/**
 * From which step on samples must be loaded again so that a run which starts in the middle has the
 * same replay buffer as one that came from the beginning: the buffer holds the samples loaded last,
 * and each of them can be made again from the seed.
 */
final class ReplayWarmUp {
  private ReplayWarmUp() {}

  /**
   * The first step to load.
   *
   * @param wanted step whose batch is wanted
   * @param capacity samples that the buffer holds
   * @return at most {@code wanted}
   */
  static long firstStep(BatchSchedule schedule, long wanted, int capacity) {
    BatchAddress address = schedule.at(wanted);
    long first = wanted;
    if (address.replays()) {
      for (long held = 0; held < capacity && first > address.replayFrom(); first--) {
        held += schedule.at(first - 1).fresh();
      }
    }
    return first;
  }
}
