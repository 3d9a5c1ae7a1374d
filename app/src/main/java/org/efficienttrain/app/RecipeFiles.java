package org.efficienttrain.app;

import java.nio.file.Path;
import org.efficienttrain.training.recipe.RecipeFolder;

/** The recipes that come with the program. */
final class RecipeFiles {
  private RecipeFiles() {}

  static RecipeFolder folder() {
    return new RecipeFolder(Path.of(System.getProperty("et.home", ".")).resolve("recipes"));
  }
}
