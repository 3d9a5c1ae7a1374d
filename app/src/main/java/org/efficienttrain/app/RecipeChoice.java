package org.efficienttrain.app;

import java.nio.file.Path;
import org.efficienttrain.training.recipe.RecipeFolder;
import org.efficienttrain.training.recipe.RecipeSettings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of a command that chooses a recipe, or a model and what follows from it. */
final class RecipeChoice {
  @Option(names = "--model", paramLabel = "NAME", description = "model; './et models' lists them")
  private String model;

  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      description =
          "a recipe, such as imagenet/deit_small (docs/recipes.md), or the path of a file")
  private String recipe;

  @Option(names = "--image-size", paramLabel = "N", description = "final side in pixels")
  private Integer imageSize;

  @Option(names = "--batch-size", paramLabel = "N", description = "images per optimiser step")
  private Integer batchSize;

  @Option(names = "--seed", paramLabel = "N", description = "seed of everything random")
  private Long seed;

  @Mixin private RecipeOptions recipeOptions;

  /**
   * What was chosen.
   *
   * @param curriculum with a recipe, all that the recipe changes for it; null for none asked for
   * @param own keys of options that the command has besides; {@code --set} wins over them
   */
  RecipeSettings settings(String curriculum, RecipeSettings own) {
    RecipeSettings chosen =
        recipe == null
            ? RecipeSettings.none().with("curriculum", curriculum)
            : shipped().read(recipe, curriculum);
    return recipeOptions.over(
        chosen
            .with(own)
            .with("model", model)
            .with("imageSize", imageSize)
            .with("batchSize", batchSize)
            .with("seed", seed));
  }

  /** The recipes that come with the program. */
  private static RecipeFolder shipped() {
    return new RecipeFolder(Path.of(System.getProperty("et.home", ".")).resolve("recipes"));
  }
}
