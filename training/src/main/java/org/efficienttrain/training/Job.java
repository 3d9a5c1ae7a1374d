package org.efficienttrain.training;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.tensor.Precision;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;

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
    recipe = settle(recipe, options, ranks);
  }

  /** A job of this process alone. */
  public static Job alone(Recipe recipe, DatasetSplits data, RunOptions options) {
    return new Job(recipe, data, options, Collective.single());
  }

  /**
   * Where the recipe leaves the precision open, a run that goes on keeps its own, which another
   * processor may be slower in; otherwise the device decides. Machines may differ: rank 0's counts.
   */
  private static Recipe settle(Recipe recipe, RunOptions options, Collective ranks) {
    boolean open = recipe.precision() == Precision.AUTO;
    Precision asked = open && options.resume() ? before(options.out()) : recipe.precision();
    String own = asked.on(options.device()).name();
    String first =
        ranks.worldSize() == 1
            ? own
            : new String(
                ranks.broadcast(own.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    return open ? recipe.with("precision", first) : recipe;
  }

  /** The precision of the run in a folder; {@code auto} where there is none that can be read. */
  private static Precision before(Path folder) {
    Path file = folder.resolve("recipe.yaml");
    try {
      return Files.isRegularFile(file)
              && RecipeSettings.read(file).get("precision") instanceof Precision earlier
          ? earlier
          : Precision.AUTO;
    } catch (UserError e) {
      return Precision.AUTO; // whatever is wrong there is said by who resumes
    }
  }
}
