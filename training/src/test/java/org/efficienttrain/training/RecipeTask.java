package org.efficienttrain.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.MaeVariant;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.io.Weights;
import org.efficienttrain.training.pretrain.MaskedAutoencoding;
import org.efficienttrain.training.pretrain.MaskedAutoencoding.Watch;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.task.LinearProbe;

/** The task that a recipe is for, as the commands choose it. */
final class RecipeTask {
  private RecipeTask() {}

  /** The options with that task; a probe starts from weights, the same in every process. */
  static RunOptions of(Recipe recipe, RunOptions options) {
    if (MaeVariant.find(recipe.model()).isPresent()) {
      return options.withTask(MaskedAutoencoding.watched(Watch.NOTHING));
    }
    return recipe.trained() == Recipe.Trained.HEAD
        ? options.withTask(LinearProbe::new).withWeights(weights(recipe))
        : options;
  }

  private static Path weights(Recipe recipe) {
    Generator.seed(7);
    Backbone network = Backbones.create(recipe.model(), 3, recipe.imageSize());
    try {
      Path file = Files.createTempFile("probed", ".safetensors");
      file.toFile().deleteOnExit();
      Weights.write(file, network.state(), Map.of());
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      network.close();
    }
  }
}
