package org.efficienttrain.training;

import java.util.List;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.training.recipe.Recipe;

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
      Recipe recipe, DataSplits data, RunOptions options, List<TrainingListener> listeners) {
    TrainingPlan plan = Plans.plan(recipe, data.train().size(), 1);
    listeners.forEach(listener -> listener.started(recipe, plan, 0));
    if (plan.totalSteps() > 0) {
      throw new UserError("training is not there yet");
    }
    return null;
  }
}
