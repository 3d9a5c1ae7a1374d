package org.efficienttrain.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.recipe.RecipeSettings;

/** The recipes that come with the program, by name, and those of the user, by path. */
final class RecipeFiles {
  private static final String ENDING = ".yaml";

  /** Longer files are no recipes. */
  private static final long MAX_BYTES = 1 << 20;

  private RecipeFiles() {}

  /**
   * Reads a recipe.
   *
   * @param nameOrPath a file in {@code recipes/} without its ending, or a path
   */
  static RecipeSettings read(String nameOrPath) {
    Path file = find(nameOrPath);
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new UserError(file + " is too large to be a recipe");
      }
      return RecipeSettings.parse(Files.readString(file), file.getFileName().toString());
    } catch (IOException e) {
      throw new UserError("the recipe " + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static Path find(String nameOrPath) {
    Path own = folder().resolve(nameOrPath + ENDING);
    if (Files.isRegularFile(own)) {
      return own;
    }
    Path path = Path.of(nameOrPath);
    if (Files.isRegularFile(path)) {
      return path;
    }
    throw new UserError(
        "there is no recipe '"
            + nameOrPath
            + "': use a path, or one of "
            + String.join(", ", names()));
  }

  /** Names of the recipes that come with the program. */
  static List<String> names() {
    try (Stream<Path> files = Files.list(folder())) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(n -> n.endsWith(ENDING))
          .map(n -> n.substring(0, n.length() - ENDING.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folder() {
    return Path.of(System.getProperty("et.home", ".")).resolve("recipes");
  }
}
