package org.efficienttrain.training.recipe;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.efficienttrain.training.UserError;

/**
 * What a recipe's file and those that it extends say, with the variant that was asked for. A
 * variant's keys win over the file's, and both over those that they extend.
 *
 * @param keys by which no variant is meant
 * @param variants what each changes, by its name
 * @param variant the one that was asked for; empty for none
 */
record RecipeSheet(RecipeSettings keys, Map<String, RecipeSettings> variants, String variant) {
  private static final RecipeSheet EMPTY = new RecipeSheet(RecipeSettings.none(), Map.of(), "");

  /** What the baseline is called where it is named like a variant. */
  private static final String BASELINE = "baseline";

  /**
   * Reads a file.
   *
   * @param extended finds the recipe that it extends, if it does
   * @throws UserError in a sentence that says what is wrong, and where
   */
  static RecipeSheet read(Path file, Function<String, RecipeSheet> extended) {
    Map<String, Object> own = YamlText.read(file, "recipe");
    Object name = own.remove("extends");
    RecipeSheet parent = name == null ? EMPTY : extended.apply(name.toString());
    Map<String, RecipeSettings> variants = new LinkedHashMap<>(parent.variants);
    children(own.remove("variants"), file + ": variants")
        .forEach(
            (variant, changes) -> {
              String where = file + ": " + variant;
              variants.merge(
                  variant, settings(children(changes, where), file, where), RecipeSettings::with);
            });
    RecipeSettings keys = parent.settings().with(settings(own, file, file.toString()));
    return new RecipeSheet(keys, variants, "");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> children(Object value, String where) {
    if (value != null && !(value instanceof Map)) {
      throw new UserError(where + " must be keys and values, not '" + value + "'");
    }
    return value == null ? Map.of() : (Map<String, Object>) value;
  }

  /** A curriculum's file is named from where the recipe lies. */
  private static RecipeSettings settings(Map<String, Object> keys, Path file, String where) {
    Map<String, Object> placed = new LinkedHashMap<>(keys);
    placed.computeIfPresent(
        RecipeSettings.CURRICULUM,
        (key, name) ->
            CurriculumFile.isName(name.toString())
                ? file.resolveSibling(name.toString().strip()).toString()
                : name);
    return RecipeSettings.none().with(placed, where);
  }

  /** The same with another variant. */
  RecipeSheet as(String other) {
    return new RecipeSheet(keys, variants, other);
  }

  /** Whether there is the variant that was asked for. */
  boolean isThere() {
    return variant.isEmpty() || variant.equals(BASELINE) || variants.containsKey(variant);
  }

  /** The recipe. */
  RecipeSettings settings() {
    return keys.with(changes());
  }

  /**
   * The recipe with another curriculum: where there is a variant for that, with all that it
   * changes.
   *
   * @param curriculum as {@link CurriculumFile#named} takes it; null for the recipe's own
   */
  RecipeSettings settings(String curriculum) {
    String wanted = curriculum == null ? "" : curriculum.strip().toLowerCase(Locale.ROOT);
    RecipeSheet made = as(wanted.replaceAll(":.*", "").replace("++", "pp"));
    if (made.choosesCurriculum()) {
      return made.settings()
          .with(RecipeSettings.CURRICULUM, wanted.contains(":") ? curriculum : null);
    }
    boolean leaves = wanted.equals("none") && choosesCurriculum();
    return (leaves ? keys : settings()).with(RecipeSettings.CURRICULUM, curriculum);
  }

  private RecipeSettings changes() {
    return variants.getOrDefault(variant, RecipeSettings.none());
  }

  private boolean choosesCurriculum() {
    return changes().get(RecipeSettings.CURRICULUM) != null;
  }
}
