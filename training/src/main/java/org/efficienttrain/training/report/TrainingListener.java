package org.efficienttrain.training.report;

import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.training.recipe.Recipe;

/**
 * Watches a run. Called on the training thread, between steps; what it does there delays training.
 * One that throws is not told any more, and costs the run a warning; a {@code UserError} ends it.
 */
public interface TrainingListener {
  /**
   * The run begins or goes on.
   *
   * @param firstStep steps already taken: 0, or more when an earlier run is resumed
   */
  default void started(Recipe recipe, TrainingPlan plan, long firstStep) {}

  /**
   * Steps of another exposure begin: of the first phase after {@link #started}, of every later one
   * as it comes.
   *
   * @param number of the phase in the plan, from 0
   */
  default void phaseStarted(int number, Phase phase) {}

  /** A step to be logged was taken. */
  default void stepped(StepReport report) {}

  /**
   * What the network saw: in the first step of every phase and of every process, and about every
   * ten seconds.
   */
  default void samples(SampleReport report) {}

  /** The network was evaluated. */
  default void evaluated(EvaluationReport report) {}

  /** A checkpoint is safely on disk. */
  default void saved(long step) {}

  /** Something that the user should know although training goes on, in one sentence. */
  default void warned(String message) {}

  /**
   * The run was asked to end and has ended; it can be resumed.
   *
   * @param step steps that its checkpoint holds
   */
  default void stopped(long step) {}

  /** The run has ended by an error, in one sentence. */
  default void failed(String message) {}

  /** The run is complete. */
  default void finished(Summary summary) {}
}
