package org.efficienttrain.training.recipe;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.training.UserError;

/**
 * Some keys of a recipe: from a recipe file, from options, from {@code --set}. Later ones win; what
 * nobody chose is filled in from the front, by {@link #orElse}. Immutable.
 */
public final class RecipeSettings {
  static final String CURRICULUM = "curriculum";

  private static final RecipeSettings NONE = new RecipeSettings(Map.of());

  private final Map<String, Object> values;

  private RecipeSettings(Map<String, Object> values) {
    this.values = values;
  }

  /** Nothing chosen. */
  public static RecipeSettings none() {
    return NONE;
  }

  /**
   * The keys of a file that stands for itself: it extends none and has no variants.
   *
   * @throws UserError if it is not such a file, or a key or type is wrong
   */
  public static RecipeSettings read(Path file) {
    return NONE.with(YamlText.read(file, "recipe"), file.toString());
  }

  /**
   * The keys of a text: YAML, one {@code key: value} a line.
   *
   * @param source what the text is of, for messages
   * @throws UserError as {@link #read}
   */
  public static RecipeSettings parse(String yaml, String source) {
    return NONE.with(YamlText.parse(yaml, source), source);
  }

  /**
   * One key more.
   *
   * @param value a number, text or a boolean; null changes nothing
   * @throws UserError if there is no such key or the value has another type
   */
  public RecipeSettings with(String key, Object value) {
    return value == null ? this : with(Map.of(key, value), "the recipe");
  }

  /** One key more where it is not there yet; otherwise as {@link #with}. */
  public RecipeSettings orElse(String key, Object value) {
    return values.containsKey(key) ? this : with(key, value);
  }

  /**
   * Settings as the command line gives them.
   *
   * @param assignments each {@code key=value}
   * @throws UserError if one is not of that form, or as {@link #with}
   */
  public RecipeSettings set(List<String> assignments) {
    RecipeSettings settings = this;
    for (String assignment : assignments) {
      String[] pair = assignment.split("=", 2);
      if (pair.length < 2 || pair[0].isEmpty()) {
        throw new UserError("--set wants key=value, not '" + assignment + "'");
      }
      settings =
          settings.with(Map.of(pair[0].strip(), YamlText.scalar(pair[1])), "--set " + assignment);
    }
    return settings;
  }

  /** The same with more keys, which win. */
  RecipeSettings with(Map<String, Object> more, String source) {
    Map<String, Object> copy = new LinkedHashMap<>(values);
    more.forEach((key, value) -> copy.put(key, written(key, Keys.convert(key, value, source))));
    return new RecipeSettings(copy);
  }

  /** A curriculum that lies in a file becomes what the file says. */
  private static Object written(String key, Object value) {
    return key.equals(CURRICULUM) && CurriculumFile.isName((String) value)
        ? CurriculumFile.named((String) value).toText()
        : value;
  }

  /** The same with what others chose, which wins. */
  public RecipeSettings with(RecipeSettings others) {
    Map<String, Object> copy = new LinkedHashMap<>(values);
    copy.putAll(others.values);
    return new RecipeSettings(copy);
  }

  /** What a key has, in the type of its component; null where nobody chose. */
  public Object get(String key) {
    return values.get(key);
  }

  /** What was chosen, by key. */
  public Map<String, Object> values() {
    return Collections.unmodifiableMap(values);
  }

  /**
   * The whole recipe: what was chosen, and for the rest what suits the model and the images.
   *
   * @param trainingImages size of the training set
   * @throws UserError if no model was chosen, or choices contradict each other
   */
  public Recipe resolve(int trainingImages) {
    return RecipeDefaults.complete(this, trainingImages);
  }
}
