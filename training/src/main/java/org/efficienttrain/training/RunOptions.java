package org.efficienttrain.training;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import org.efficienttrain.images.loader.LoaderSettings;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.training.task.Classification;
import org.efficienttrain.training.task.Task;

/**
 * Where and how to run a recipe: what may change without changing the result. Immutable; {@code
 * with...} gives a changed copy.
 */
public final class RunOptions implements Cloneable {
  private final Path out;
  private Device device = Device.CPU;
  private int workers = Runtime.getRuntime().availableProcessors();
  private boolean resume;
  private boolean force;
  private int logEvery = 20;
  private double checkpointMinutes = 10;
  private int keepCheckpoints = 2;
  private Set<Long> keptSteps = Set.of();
  private Path weights;
  private double maxBroken = LoaderSettings.DEFAULT_MAX_BROKEN_FRACTION;
  private Task.Factory task = Classification::new;

  private RunOptions(Path out) {
    this.out = out;
  }

  /**
   * On the CPU, a worker per core, a metrics line every 20 steps, a checkpoint every 10 minutes.
   *
   * @param out folder for metrics, checkpoints and the finished weights; made if missing
   */
  public static RunOptions in(Path out) {
    return new RunOptions(out);
  }

  private RunOptions with(Consumer<RunOptions> change) {
    try {
      RunOptions copy = (RunOptions) clone();
      change.accept(copy);
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void check(boolean holds, String what, Object value) {
    if (!holds) {
      throw new UserError(what + ", not " + value);
    }
  }

  /** Where the network lives. */
  public RunOptions withDevice(Device value) {
    return with(o -> o.device = value);
  }

  /** Threads that read and augment images, at least 1. */
  public RunOptions withWorkers(int value) {
    check(value >= 1, "there must be at least 1 image worker", value);
    return with(o -> o.workers = value);
  }

  /**
   * Whether to go on with the run that the folder holds, or start when it holds none; and whether
   * in spite of a changed recipe or dataset.
   */
  public RunOptions withResume(boolean on, boolean forced) {
    return with(
        o -> {
          o.resume = on;
          o.force = forced;
        });
  }

  /** Steps between two lines of the metrics, at least 1. */
  public RunOptions withLogEvery(int value) {
    check(value >= 1, "the log interval must be at least 1 step", value);
    return with(o -> o.logEvery = value);
  }

  /**
   * When to save.
   *
   * @param everyMinutes time between two checkpoints besides those after evaluations; 0 saves after
   *     every step
   * @param keep how many of the newest checkpoints stay on disk, at least 1; the best one stays
   *     besides
   */
  public RunOptions withCheckpoints(double everyMinutes, int keep) {
    check(everyMinutes >= 0, "the minutes between checkpoints must be at least 0", everyMinutes);
    check(keep >= 1, "at least 1 checkpoint must be kept", keep);
    return with(
        o -> {
          o.checkpointMinutes = everyMinutes;
          o.keepCheckpoints = keep;
        });
  }

  /** Steps after which a checkpoint is saved that stays, for other runs to go on from. */
  public RunOptions withKeptSteps(Collection<Long> steps) {
    return with(o -> o.keptSteps = Set.copyOf(steps));
  }

  /** Weights to start from, to fine-tune; null to start from chance. */
  public RunOptions withWeights(Path file) {
    return with(o -> o.weights = file);
  }

  /** Share of the training images that may be unreadable, 0 to 1; more stop the run. */
  public RunOptions withMaxBroken(double share) {
    check(share >= 0 && share <= 1, "the share of broken images must lie between 0 and 1", share);
    return with(o -> o.maxBroken = share);
  }

  /** What the network is asked to do; classification where nothing is said. */
  public RunOptions withTask(Task.Factory value) {
    return with(o -> o.task = value);
  }

  public Path out() {
    return out;
  }

  public Device device() {
    return device;
  }

  public int workers() {
    return workers;
  }

  public boolean resume() {
    return resume;
  }

  public boolean force() {
    return force;
  }

  public int logEvery() {
    return logEvery;
  }

  public double checkpointMinutes() {
    return checkpointMinutes;
  }

  public int keepCheckpoints() {
    return keepCheckpoints;
  }

  public Set<Long> keptSteps() {
    return keptSteps;
  }

  public Path weights() {
    return weights;
  }

  public double maxBroken() {
    return maxBroken;
  }

  public Task.Factory task() {
    return task;
  }
}
