package org.efficienttrain.training.recipe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.efficienttrain.curriculum.Nearest;
import org.efficienttrain.training.UserError;

/**
 * A folder of recipe files that build on each other.
 *
 * <p>Besides keys, a file may say {@code extends: NAME}, another recipe of the folder that it
 * changes, and {@code variants:}, keys by the name of a variant. {@code imagenet/deit_small} is a
 * file; {@code imagenet/deit_small_efficienttrainpp} is that file with its variant {@code
 * efficienttrainpp}. A "/" may be "_", as it was before there were folders.
 */
public final class RecipeFolder {
  private static final String ENDING = ".yaml";

  private final Path folder;

  /**
   * Recipes by their path below a folder.
   *
   * @param folder need not exist before a recipe is read
   */
  public RecipeFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads a recipe.
   *
   * @param nameOrPath a recipe of this folder, or the path of a file elsewhere
   * @throws UserError if there is none, or it or what it extends is wrong
   */
  public RecipeSettings read(String nameOrPath) {
    return read(nameOrPath, null);
  }

  /**
   * Reads a recipe with another curriculum: where it has a variant for that, with all that the
   * variant changes.
   *
   * @param curriculum as {@link CurriculumFile#named} takes it; null for the recipe's own
   */
  public RecipeSettings read(String nameOrPath, String curriculum) {
    return find(nameOrPath, List.of()).settings(curriculum);
  }

  /** Names of the recipes and their variants. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (String file : files()) {
      names.add(file);
      find(file, List.of()).variants().keySet().forEach(variant -> names.add(file + "_" + variant));
    }
    return names;
  }

  private List<String> files() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .map(f -> folder.relativize(f).toString().replace('\\', '/'))
          .filter(f -> f.endsWith(ENDING))
          .map(f -> f.substring(0, f.length() - ENDING.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Finds a recipe; {@code chain} names those that extend it, the asked-for one first. */
  private RecipeSheet find(String name, List<String> chain) {
    List<String> files = files();
    String flat = flat(name);
    Optional<RecipeSheet> found =
        files.stream()
            .filter(file -> flat.startsWith(flat(file)))
            .sorted(Comparator.comparing(String::length).reversed())
            .map(file -> load(folder.resolve(file + ENDING), file, chain).as(rest(name, file)))
            .filter(RecipeSheet::isThere)
            .findFirst();
    if (found.isEmpty() && chain.isEmpty() && Files.isRegularFile(Path.of(name))) {
      return load(Path.of(name), name, chain);
    }
    return found.orElseThrow(() -> unknown(name, files, chain));
  }

  /** A name as it begins where it is that of a file, with or without a variant. */
  private static String flat(String name) {
    return name.replace('/', '_') + "_";
  }

  /** What follows the file in a name: the variant. */
  private static String rest(String name, String file) {
    return name.substring(Math.min(name.length(), file.length() + 1));
  }

  private RecipeSheet load(Path file, String name, List<String> chain) {
    List<String> longer = Stream.concat(chain.stream(), Stream.of(name)).toList();
    if (chain.contains(name)) {
      throw new UserError("recipe '" + name + "' extends itself: " + String.join(" -> ", longer));
    }
    return RecipeSheet.read(file, extended -> find(extended, longer));
  }

  private UserError unknown(String name, List<String> known, List<String> chain) {
    String what =
        chain.isEmpty()
            ? "there is no recipe '%s'".formatted(name)
            : "%s extends '%s', which is not a recipe in %s"
                .formatted(chain.get(chain.size() - 1), name, folder);
    String others = "; did you mean '%s'? There are %s";
    return new UserError(
        known.isEmpty()
            ? what
            : what + others.formatted(Nearest.of(name, known), String.join(", ", known)));
  }
}
