package org.efficienttrain.training;

import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.recipe.Recipe;

/**
 * One run to be made, as all its processes are asked for it.
 *
 * @param recipe what to do
 * @param data what to learn from and what to measure on
 * @param options where and how
 * @param ranks the processes that share every batch
 */
public record Job(Recipe recipe, DataSplits data, RunOptions options, Collective ranks) {
  /** A job of this process alone. */
  public static Job alone(Recipe recipe, DataSplits data, RunOptions options) {
    return new Job(recipe, data, options, Collective.single());
  }
}
