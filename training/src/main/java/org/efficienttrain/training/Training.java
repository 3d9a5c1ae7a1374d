package org.efficienttrain.training;

import java.util.List;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.report.Summary;
import org.efficienttrain.training.report.TrainingListener;
import org.efficienttrain.training.run.DryRun;
import org.efficienttrain.training.run.StopSignal;
import org.efficienttrain.training.run.TrainingRun;

/** The one call that trains. */
public final class Training {
  private Training() {}

  /**
   * Trains a network and leaves in {@code options.out()}: {@code recipe.yaml}, {@code
   * metrics.jsonl}, {@code summary.json}, {@code model.safetensors} and the folder {@code
   * checkpoints}.
   *
   * @param recipe what to do
   * @param data what to learn from and what to measure on; stays the caller's to close
   * @param options where and how
   * @param listeners told as the run goes on
   * @return how it ended
   * @throws UserError if the recipe does not fit the data, or the folder holds another run
   * @throws TrainingStopped if the process was asked to end; the run can be resumed
   */
  public static Summary run(
      Recipe recipe, DatasetSplits data, RunOptions options, List<TrainingListener> listeners) {
    return run(recipe, data, options, listeners, Collective.single());
  }

  /**
   * Trains a network with other processes, which all make this call with the same recipe and
   * images; each takes its part of every batch. Rank 0 writes the files and tells its listeners.
   * The number of processes may change between a run and its resumption.
   *
   * @param ranks stays the caller's to close
   * @throws org.efficienttrain.tensor.TensorException naming a rank that is gone; the run can be
   *     resumed
   */
  public static Summary run(
      Recipe recipe,
      DatasetSplits data,
      RunOptions options,
      List<TrainingListener> listeners,
      Collective ranks) {
    // Closed last: until then a signal does not end this process, which others may wait for.
    try (StopSignal stop = StopSignal.listen()) {
      try {
        Summary summary = TrainingRun.run(new Job(recipe, data, options, ranks), listeners, stop);
        ranks.finish();
        return summary;
      } catch (TrainingStopped e) {
        ranks.finish(); // the first rank may still be saving
        throw e;
      }
    } catch (TrainingStopped e) {
      throw e;
    } catch (RuntimeException e) {
      throw ranks.failed(e);
    }
  }

  /**
   * Says what a run would do, what it would take, and how long: takes a few steps of every kind and
   * throws their result away.
   */
  public static DryRun dryRun(Recipe recipe, DatasetSplits data, RunOptions options) {
    return dryRun(recipe, data, options, 1, 1);
  }

  /**
   * The same for several ranks, of which this process stands for one.
   *
   * @param ranks processes that share every batch
   * @param ranksAtOnce how many of them compute at the same time, each as fast as this process with
   *     the threads it has; fewer than {@code ranks} where a machine has not enough cores or GPUs
   */
  public static DryRun dryRun(
      Recipe recipe, DatasetSplits data, RunOptions options, int ranks, int ranksAtOnce) {
    return DryRun.of(recipe, data, options, ranks, ranksAtOnce);
  }
}
