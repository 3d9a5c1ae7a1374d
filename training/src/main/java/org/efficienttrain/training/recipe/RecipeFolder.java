package org.efficienttrain.training.recipe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.efficienttrain.curriculum.Nearest;
import org.efficienttrain.training.UserError;

/**
 * A folder of recipe files that build on each other.
 *
 * <p>Besides keys, a file may say {@code extends: NAME}, another recipe of the folder that it
 * changes, and {@code variants:}, keys by the name of a variant. A variant's keys win over the
 * file's, and both over those that they extend. {@code imagenet/deit_small} is a file; {@code
 * imagenet/deit_small_efficienttrainpp} is that file with its variant {@code efficienttrainpp}.
 */
public final class RecipeFolder {
  private static final String ENDING = ".yaml";
  private static final String NAME = "[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*";

  /** Longer files are no recipes. */
  private static final long MAX_BYTES = 1 << 20;

  private final Path folder;

  /** What a file and those that it extends say, and which variant is asked for; "" for none. */
  private record Sheet(RecipeSettings keys, Map<String, RecipeSettings> variants, String variant) {
    RecipeSettings settings() {
      return keys.with(variants.getOrDefault(variant, RecipeSettings.none()));
    }

    Sheet as(String other) {
      return new Sheet(keys, variants, other);
    }

    /** Whether the variant asked for is there and one of the curriculum. */
    boolean choosesCurriculum() {
      return variants.containsKey(variant)
          && variants.get(variant).values().containsKey(RecipeSettings.CURRICULUM);
    }
  }

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
    return find(nameOrPath, List.of()).settings();
  }

  /**
   * Reads a recipe with another curriculum: where it has a variant for that, with all that the
   * variant changes.
   *
   * @param curriculum as {@link CurriculumFile#named} takes it; null for the recipe's own
   */
  public RecipeSettings read(String nameOrPath, String curriculum) {
    Sheet sheet = find(nameOrPath, List.of());
    if (curriculum == null) {
      return sheet.settings();
    }
    String wanted = curriculum.strip().toLowerCase(Locale.ROOT);
    Sheet variant = sheet.as(wanted.replaceAll(":.*", "").replace("++", "pp"));
    if (variant.choosesCurriculum()) {
      RecipeSettings chosen = variant.settings();
      return wanted.contains(":") ? chosen.with("curriculum", curriculum) : chosen;
    }
    boolean leaves = wanted.equals("none") && sheet.choosesCurriculum();
    return (leaves ? sheet.keys : sheet.settings()).with("curriculum", curriculum);
  }

  /** Names of the recipes and their variants. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (String file : files()) {
      names.add(file);
      find(file, List.of()).variants.keySet().forEach(variant -> names.add(file + "_" + variant));
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
  private Sheet find(String name, List<String> chain) {
    if (name.matches(NAME)) {
      // With the folder's "/" as "_", as names were before there were folders.
      for (String path : List.of(name, name.replaceFirst("_", "/"))) {
        Sheet found = findHere(path, chain);
        if (found != null) {
          return found;
        }
      }
    }
    if (chain.isEmpty() && Files.isRegularFile(Path.of(name))) {
      return load(Path.of(name), name, chain);
    }
    List<String> known = files();
    String asked =
        chain.isEmpty()
            ? "there is no recipe '%s'".formatted(name)
            : "%s extends '%s', which is not a recipe in %s"
                .formatted(chain.get(chain.size() - 1), name, folder);
    throw new UserError(
        known.isEmpty()
            ? asked
            : "%s; did you mean '%s'? There are %s"
                .formatted(asked, Nearest.of(name, known), String.join(", ", known)));
  }

  /** The file of that name, or one whose name and variant it is; null where there is none. */
  private Sheet findHere(String name, List<String> chain) {
    for (int end = name.length(); end > 0; end = name.lastIndexOf('_', end - 1)) {
      String file = name.substring(0, end);
      Path path = folder.resolve(file + ENDING);
      if (Files.isRegularFile(path)) {
        Sheet sheet = load(path, file, chain);
        String variant = name.substring(Math.min(end + 1, name.length()));
        if (variant.matches("|baseline") || sheet.variants.containsKey(variant)) {
          return sheet.as(variant);
        }
      }
    }
    return null;
  }

  private Sheet load(Path file, String name, List<String> chain) {
    List<String> longer = Stream.concat(chain.stream(), Stream.of(name)).toList();
    if (chain.contains(name)) {
      throw new UserError("recipe '" + name + "' extends itself: " + String.join(" -> ", longer));
    }
    Map<String, Object> read = text(file);
    Object extended = read.remove("extends");
    Sheet parent =
        extended == null
            ? new Sheet(RecipeSettings.none(), Map.of(), "")
            : find(extended.toString(), longer);
    Map<String, RecipeSettings> variants = new LinkedHashMap<>(parent.variants);
    children(read.remove("variants"), file + ": variants")
        .forEach(
            (variant, keys) -> {
              String where = file + ": " + variant;
              RecipeSettings more =
                  RecipeSettings.none().with(placed(file, children(keys, where)), where);
              variants.merge(variant, more, RecipeSettings::with);
            });
    return new Sheet(parent.settings().with(placed(file, read), file.toString()), variants, "");
  }

  /** A curriculum's file is named from where the recipe lies. */
  private static Map<String, Object> placed(Path file, Map<String, Object> keys) {
    if (!(keys.get(RecipeSettings.CURRICULUM) instanceof String name)
        || !CurriculumFile.isName(name)) {
      return keys;
    }
    Map<String, Object> placed = new LinkedHashMap<>(keys);
    placed.put(RecipeSettings.CURRICULUM, file.resolveSibling(name.strip()).toString());
    return placed;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> children(Object value, String where) {
    if (value == null) {
      return Map.of();
    }
    if (!(value instanceof Map)) {
      throw new UserError(where + " must be keys and values, not '" + value + "'");
    }
    return (Map<String, Object>) value;
  }

  private static Map<String, Object> text(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new UserError(file + " is too large to be a recipe");
      }
      return RecipeSettings.read(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new UserError("the recipe " + file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
