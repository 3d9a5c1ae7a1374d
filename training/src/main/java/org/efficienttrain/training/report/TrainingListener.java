package org.efficienttrain.training.report;

import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.training.recipe.Recipe;

/**
 * Watches a run. Called on the training thread, between steps; what it does there delays training.
 */
public interface TrainingListener {
  /**
   * The run begins or goes on.
   *
   * @param firstStep steps already taken: 0, or more when an earlier run is resumed
   */
  default void started(Recipe recipe, TrainingPlan plan, long firstStep) {}

  /** A step to be logged was taken. */
  default void stepped(StepReport report) {}

  /** The network was evaluated. */
  default void evaluated(EvaluationReport report) {}

  /** A checkpoint is safely on disk. */
  default void saved(long step) {}

  /** Something that the user should know although training goes on, in one sentence. */
  default void warned(String message) {}

  /** The run is complete. */
  default void finished(Summary summary) {}
}
