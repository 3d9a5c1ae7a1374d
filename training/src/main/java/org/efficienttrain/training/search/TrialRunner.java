package org.efficienttrain.training.search;

import java.util.List;
import java.util.function.Consumer;
import org.efficienttrain.training.Diverged;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.Training;

/** Makes the runs of a search. */
public interface TrialRunner {
  /**
   * A run to be made.
   *
   * @param name of the folder
   * @param job recipe, images and folder; to be resumed, whatever is there
   */
  record Prepared(String name, Job job) {}

  /**
   * Makes runs, in any order.
   *
   * @param finished told of each that is complete, or has diverged
   * @throws org.efficienttrain.training.TrainingStopped if the process was asked to end
   * @throws org.efficienttrain.training.UserError if one cannot be made
   */
  void run(List<Prepared> runs, Consumer<Prepared> finished);

  /** How many it makes at once. */
  default int atOnce() {
    return 1;
  }

  /** Makes them in this process, one after the other. */
  static TrialRunner here() {
    return (runs, finished) -> {
      for (Prepared run : runs) {
        Job job = run.job;
        try {
          Training.run(job.recipe(), job.data(), job.options(), List.of());
        } catch (Diverged e) {
          // its folder says so
        }
        finished.accept(run);
      }
    };
  }
}
