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
import java.util.stream.Collectors;
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

  /** What a file says, with what it extends. */
  private record Sheet(RecipeSettings keys, Map<String, RecipeSettings> variants) {
    Sheet under(RecipeSettings more, Map<String, RecipeSettings> moreVariants) {
      Map<String, RecipeSettings> all = new LinkedHashMap<>(variants);
      moreVariants.forEach((name, settings) -> all.merge(name, settings, RecipeSettings::with));
      return new Sheet(keys.with(more), all);
    }

    /** Whether there is such a variant, and it is one of the curriculum. */
    boolean chooses(String variant) {
      return variants.containsKey(variant)
          && variants.get(variant).values().containsKey(RecipeSettings.CURRICULUM);
    }

    RecipeSettings settings(String variant) {
      return variants.containsKey(variant) ? keys.with(variants.get(variant)) : keys;
    }
  }

  /** A sheet and the variant of it that a name asks for, or null for none. */
  private record Found(Sheet sheet, String variant) {}

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
    Found found = find(nameOrPath, List.of());
    return found.sheet.settings(found.variant);
  }

  /**
   * Reads a recipe with another curriculum: where it has a variant for that, with all that the
   * variant changes.
   *
   * @param curriculum as {@link CurriculumFile#named} takes it; null for the recipe's own
   */
  public RecipeSettings read(String nameOrPath, String curriculum) {
    Found found = find(nameOrPath, List.of());
    RecipeSettings own = found.sheet.settings(found.variant);
    if (curriculum == null) {
      return own;
    }
    String wanted = curriculum.strip().toLowerCase(Locale.ROOT);
    String variant = wanted.replaceAll(":.*", "").replace("++", "pp");
    if (found.sheet.chooses(variant)) {
      RecipeSettings chosen = found.sheet.settings(variant);
      return wanted.contains(":") ? chosen.with(RecipeSettings.CURRICULUM, curriculum) : chosen;
    }
    boolean leaves = wanted.equals("none") && found.sheet.chooses(found.variant);
    return (leaves ? found.sheet.keys : own).with(RecipeSettings.CURRICULUM, curriculum);
  }

  /** Names of the recipes and their variants. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (String file : files()) {
      names.add(file);
      load(folder.resolve(file + ENDING), file, List.of())
          .variants
          .keySet()
          .forEach(variant -> names.add(file + "_" + variant));
    }
    return names;
  }

  private List<String> files() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(f -> f.toString().endsWith(ENDING))
          .map(f -> folder.relativize(f).toString().replace('\\', '/'))
          .map(n -> n.substring(0, n.length() - ENDING.length()))
          .sorted()
          .collect(Collectors.toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Found find(String name, List<String> chain) {
    if (name.matches(NAME)) {
      Found found = findHere(name, chain);
      if (found == null && !name.contains("/")) {
        found = findHere(name.replaceFirst("_", "/"), chain); // names before there were folders
      }
      if (found != null) {
        return found;
      }
    }
    if (chain.isEmpty() && Files.isRegularFile(Path.of(name))) {
      return new Found(load(Path.of(name), name, chain), null);
    }
    List<String> known = files();
    String hint =
        known.isEmpty()
            ? ""
            : "; did you mean '"
                + Nearest.of(name, known)
                + "'? There are "
                + String.join(", ", known);
    throw new UserError(
        chain.isEmpty()
            ? "there is no recipe '" + name + "'" + hint
            : chain.get(chain.size() - 1)
                + " extends '"
                + name
                + "', which is not a recipe in "
                + folder
                + hint);
  }

  /** The file of that name, or one whose name and variant it is; null where there is none. */
  private Found findHere(String name, List<String> chain) {
    if (exists(name)) {
      return new Found(load(folder.resolve(name + ENDING), name, chain), null);
    }
    for (int i = name.lastIndexOf('_'); i > 0; i = name.lastIndexOf('_', i - 1)) {
      String file = name.substring(0, i);
      if (exists(file)) {
        Sheet sheet = load(folder.resolve(file + ENDING), file, chain);
        String variant = name.substring(i + 1);
        if (sheet.variants.containsKey(variant) || variant.equals("baseline")) {
          return new Found(sheet, variant);
        }
      }
    }
    return null;
  }

  private boolean exists(String name) {
    return Files.isRegularFile(folder.resolve(name + ENDING));
  }

  private Sheet load(Path file, String name, List<String> chain) {
    List<String> longer = new ArrayList<>(chain);
    longer.add(name);
    if (chain.contains(name)) {
      throw new UserError("recipe '" + name + "' extends itself: " + String.join(" -> ", longer));
    }
    Map<String, Object> read = text(file);
    Sheet parent = new Sheet(RecipeSettings.none(), Map.of());
    Object extended = read.remove("extends");
    if (extended != null) {
      Found found = find(String.valueOf(extended), longer);
      parent = new Sheet(found.sheet.settings(found.variant), found.sheet.variants);
    }
    Map<String, RecipeSettings> variants = new LinkedHashMap<>();
    Object written = read.remove("variants");
    if (written != null) {
      children(written, file + ": variants")
          .forEach(
              (variant, keys) ->
                  variants.put(
                      variant,
                      RecipeSettings.none()
                          .with(
                              placed(file, children(keys, file + ": " + variant)),
                              file + ": " + variant)));
    }
    return parent.under(RecipeSettings.none().with(placed(file, read), file.toString()), variants);
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
