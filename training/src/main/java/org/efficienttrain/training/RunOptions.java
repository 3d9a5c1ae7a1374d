package org.efficienttrain.training;

import java.nio.file.Path;
import org.efficienttrain.images.loader.LoaderSettings;
import org.efficienttrain.tensor.Device;

/**
 * Where and how to run a recipe: what may change without changing the result.
 *
 * @param out folder for metrics, checkpoints and the finished weights; made if missing
 * @param device where the network lives
 * @param workers threads that read and augment images, at least 1
 * @param resume go on with the run that the folder holds, or start when it holds none
 * @param force resume in spite of a changed recipe or dataset
 * @param logEvery steps between two lines of the metrics, at least 1
 * @param checkpointMinutes time between two checkpoints besides those after evaluations; 0 saves
 *     after every step
 * @param keepCheckpoints how many of the newest checkpoints stay on disk, at least 1; the best one
 *     stays besides
 * @param weights weights to start from, to fine-tune; null to start from chance
 * @param maxBroken share of the training images that may be unreadable, 0 to 1; more stop the run
 */
public record RunOptions(
    Path out,
    Device device,
    int workers,
    boolean resume,
    boolean force,
    int logEvery,
    double checkpointMinutes,
    int keepCheckpoints,
    Path weights,
    double maxBroken) {
  public RunOptions {
    if (!(maxBroken >= 0 && maxBroken <= 1)) {
      throw new UserError(
          "the share of broken images must lie between 0 and 1, not be " + maxBroken);
    }
    if (workers < 1 || logEvery < 1 || keepCheckpoints < 1 || !(checkpointMinutes >= 0)) {
      throw new UserError(
          "workers %d, log interval %d and kept checkpoints %d must be at least 1, and the minutes between checkpoints %s at least 0"
              .formatted(workers, logEvery, keepCheckpoints, checkpointMinutes));
    }
  }

  /**
   * On the CPU, a worker per core, a metrics line every 20 steps, a checkpoint every 10 minutes.
   */
  public static RunOptions in(Path out) {
    int cores = Runtime.getRuntime().availableProcessors();
    return new RunOptions(
        out,
        Device.CPU,
        cores,
        false,
        false,
        20,
        10,
        2,
        null,
        LoaderSettings.DEFAULT_MAX_BROKEN_FRACTION);
  }

  public RunOptions withDevice(Device value) {
    return new RunOptions(
        out,
        value,
        workers,
        resume,
        force,
        logEvery,
        checkpointMinutes,
        keepCheckpoints,
        weights,
        maxBroken);
  }

  public RunOptions withWorkers(int value) {
    return new RunOptions(
        out,
        device,
        value,
        resume,
        force,
        logEvery,
        checkpointMinutes,
        keepCheckpoints,
        weights,
        maxBroken);
  }

  /** Whether to go on with an earlier run, and whether in spite of changes. */
  public RunOptions withResume(boolean on, boolean forced) {
    return new RunOptions(
        out,
        device,
        workers,
        on,
        forced,
        logEvery,
        checkpointMinutes,
        keepCheckpoints,
        weights,
        maxBroken);
  }

  public RunOptions withLogEvery(int value) {
    return new RunOptions(
        out,
        device,
        workers,
        resume,
        force,
        value,
        checkpointMinutes,
        keepCheckpoints,
        weights,
        maxBroken);
  }

  public RunOptions withCheckpoints(double everyMinutes, int keep) {
    return new RunOptions(
        out, device, workers, resume, force, logEvery, everyMinutes, keep, weights, maxBroken);
  }

  public RunOptions withWeights(Path file) {
    return new RunOptions(
        out,
        device,
        workers,
        resume,
        force,
        logEvery,
        checkpointMinutes,
        keepCheckpoints,
        file,
        maxBroken);
  }

  public RunOptions withMaxBroken(double share) {
    return new RunOptions(
        out,
        device,
        workers,
        resume,
        force,
        logEvery,
        checkpointMinutes,
        keepCheckpoints,
        weights,
        share);
  }
}
