package org.efficienttrain.training;

import java.nio.charset.StandardCharsets;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Precision;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.recipe.Recipe;

/**
 * One run to be made, as all its processes are asked for it. All must make it: they agree on what a
 * recipe leaves to the device.
 *
 * @param recipe what to do; its precision is never {@code auto}
 * @param data what to learn from and what to measure on
 * @param options where and how
 * @param ranks the processes that share every batch
 */
public record Job(Recipe recipe, DatasetSplits data, RunOptions options, Collective ranks) {
  public Job {
    recipe = settle(recipe, options.device(), ranks);
  }

  /** A job of this process alone. */
  public static Job alone(Recipe recipe, DatasetSplits data, RunOptions options) {
    return new Job(recipe, data, options, Collective.single());
  }

  /** Machines may differ: where the recipe leaves the precision open, rank 0's device decides. */
  private static Recipe settle(Recipe recipe, Device device, Collective ranks) {
    String own = recipe.precision().on(device).name();
    String first =
        ranks.worldSize() == 1
            ? own
            : new String(
                ranks.broadcast(own.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    return recipe.precision() == Precision.AUTO ? recipe.with("precision", first) : recipe;
  }
}
