package org.efficienttrain.images.loader;

import java.util.function.Consumer;
import org.efficienttrain.images.ImageException;

/**
 * How samples are ordered, shared out and loaded. Immutable; {@code with...} gives a changed copy.
 */
public final class LoaderSettings implements Cloneable {
  /** More than one file in a hundred is a broken dataset rather than a broken file. */
  public static final double DEFAULT_MAX_BROKEN_FRACTION = 0.01;

  private final boolean training;
  private final long seed;
  private int workers = Runtime.getRuntime().availableProcessors();
  private int prefetch = 4;
  private int rank;
  private int worldSize = 1;
  private int repeats = 1;
  private int replayImages;
  private double maxBrokenFraction = DEFAULT_MAX_BROKEN_FRACTION;

  private LoaderSettings(boolean training, long seed) {
    this.training = training;
    this.seed = seed;
  }

  /**
   * Training on one process, a worker per processor: seeded order, incomplete last batches dropped,
   * broken files replaced.
   *
   * @param seed decides order and augmentation
   */
  public static LoaderSettings forTraining(long seed) {
    return new LoaderSettings(true, seed);
  }

  /**
   * Evaluation on one process, a worker per processor: dataset order, every sample exactly once
   * over all ranks, broken files left out.
   */
  public static LoaderSettings forEvaluation() {
    return new LoaderSettings(false, 0);
  }

  private LoaderSettings with(Consumer<LoaderSettings> change) {
    try {
      LoaderSettings copy = (LoaderSettings) clone();
      change.accept(copy);
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new ImageException(message);
    }
  }

  /** Threads that decode and augment, at least 1. */
  public LoaderSettings withWorkers(int value) {
    require(value >= 1, "the number of workers must be at least 1, not " + value);
    return with(s -> s.workers = value);
  }

  /** Batches that may be waiting or in the making, at least 1. */
  public LoaderSettings withPrefetch(int value) {
    require(value >= 1, "the number of prefetched batches must be at least 1, not " + value);
    return with(s -> s.prefetch = value);
  }

  /** This process among those that share every epoch. */
  public LoaderSettings withRank(int ofThisProcess, int processes) {
    require(
        processes >= 1 && ofThisProcess >= 0 && ofThisProcess < processes,
        "the rank must be in 0.." + (processes - 1) + ", not " + ofThisProcess);
    return with(
        s -> {
          s.rank = ofThisProcess;
          s.worldSize = processes;
        });
  }

  /**
   * Repeated augmentation (Hoffer et al., "Augment your batch", CVPR 2020): each sample is shown so
   * many times in a row with different augmentation, and an epoch has so many times fewer distinct
   * samples; 1 is off.
   */
  public LoaderSettings withRepeats(int value) {
    require(value >= 1, "the number of repeats must be at least 1, not " + value);
    require(training || value == 1, "an evaluation cannot repeat samples");
    return with(s -> s.repeats = value);
  }

  /**
   * Samples that the replay buffer of this process holds, for schedules that draw samples again; 0
   * is no buffer.
   */
  public LoaderSettings withReplayImages(int value) {
    require(value >= 0, "a replay buffer cannot hold " + value + " samples");
    require(training || value == 0, "an evaluation cannot replay samples");
    return with(s -> s.replayImages = value);
  }

  /**
   * The share of broken files, 0 to 1, above which loading stops; a single broken file never stops
   * it.
   */
  public LoaderSettings withMaxBrokenFraction(double value) {
    require(
        value >= 0 && value <= 1,
        "the largest share of broken files must be in 0..1, not " + value);
    return with(s -> s.maxBrokenFraction = value);
  }

  boolean training() {
    return training;
  }

  long seed() {
    return seed;
  }

  int workers() {
    return workers;
  }

  int prefetch() {
    return prefetch;
  }

  int rank() {
    return rank;
  }

  int worldSize() {
    return worldSize;
  }

  int repeats() {
    return repeats;
  }

  int replayImages() {
    return replayImages;
  }

  double maxBrokenFraction() {
    return maxBrokenFraction;
  }
}
