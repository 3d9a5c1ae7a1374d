package org.efficienttrain.images.loader;

import org.efficienttrain.images.ImageException;

/**
 * How samples are ordered, shared out and loaded.
 *
 * @param training true: seeded order, incomplete last batches dropped, broken files replaced.
 *     False: dataset order, every sample exactly once over all ranks, broken files left out.
 * @param seed decides order and augmentation
 * @param workers threads that decode and augment, at least 1
 * @param prefetch batches that may be waiting or in the making, at least 1
 * @param rank this process among {@code worldSize} that share every epoch
 * @param repeats repeated augmentation (Hoffer et al., "Augment your batch", CVPR 2020): each
 *     sample is shown so many times in a row with different augmentation, and an epoch has so many
 *     times fewer distinct samples; 1 is off
 * @param replayImages samples that the replay buffer of this process holds, for schedules that draw
 *     samples again; 0 is no buffer
 * @param maxBrokenFraction the share of broken files, 0 to 1, above which loading stops; a single
 *     broken file never stops it
 */
public record LoaderSettings(
    boolean training,
    long seed,
    int workers,
    int prefetch,
    int rank,
    int worldSize,
    int repeats,
    int replayImages,
    double maxBrokenFraction) {
  /** More than one file in a hundred is a broken dataset rather than a broken file. */
  public static final double DEFAULT_MAX_BROKEN_FRACTION = 0.01;

  private static final int DEFAULT_PREFETCH = 4;

  public LoaderSettings {
    require(workers >= 1, "the number of workers must be at least 1, not " + workers);
    require(prefetch >= 1, "the number of prefetched batches must be at least 1, not " + prefetch);
    require(
        worldSize >= 1 && rank >= 0 && rank < worldSize,
        "the rank must be in 0.." + (worldSize - 1) + ", not " + rank);
    require(repeats >= 1, "the number of repeats must be at least 1, not " + repeats);
    require(
        maxBrokenFraction >= 0 && maxBrokenFraction <= 1,
        "the largest share of broken files must be in 0..1, not " + maxBrokenFraction);
    require(replayImages >= 0, "a replay buffer cannot hold " + replayImages + " samples");
    require(training || replayImages == 0, "an evaluation cannot replay samples");
    require(training || repeats == 1, "an evaluation cannot repeat samples");
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new ImageException(message);
    }
  }

  /** Training on one process, a worker per processor. */
  public static LoaderSettings forTraining(long seed) {
    return defaults(true, seed);
  }

  /** Evaluation on one process, a worker per processor. */
  public static LoaderSettings forEvaluation() {
    return defaults(false, 0);
  }

  private static LoaderSettings defaults(boolean training, long seed) {
    int workers = Runtime.getRuntime().availableProcessors();
    return new LoaderSettings(
        training, seed, workers, DEFAULT_PREFETCH, 0, 1, 1, 0, DEFAULT_MAX_BROKEN_FRACTION);
  }

  public LoaderSettings withWorkers(int value) {
    return new LoaderSettings(
        training, seed, value, prefetch, rank, worldSize, repeats, replayImages, maxBrokenFraction);
  }

  public LoaderSettings withPrefetch(int value) {
    return new LoaderSettings(
        training, seed, workers, value, rank, worldSize, repeats, replayImages, maxBrokenFraction);
  }

  public LoaderSettings withRank(int ofThisProcess, int processes) {
    return new LoaderSettings(
        training,
        seed,
        workers,
        prefetch,
        ofThisProcess,
        processes,
        repeats,
        replayImages,
        maxBrokenFraction);
  }

  public LoaderSettings withRepeats(int value) {
    return new LoaderSettings(
        training, seed, workers, prefetch, rank, worldSize, value, replayImages, maxBrokenFraction);
  }

  public LoaderSettings withReplayImages(int value) {
    return new LoaderSettings(
        training, seed, workers, prefetch, rank, worldSize, repeats, value, maxBrokenFraction);
  }

  public LoaderSettings withMaxBrokenFraction(double value) {
    return new LoaderSettings(
        training, seed, workers, prefetch, rank, worldSize, repeats, replayImages, value);
  }
}
