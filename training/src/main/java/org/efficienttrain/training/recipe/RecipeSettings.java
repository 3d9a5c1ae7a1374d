package org.efficienttrain.training.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.training.UserError;

/**
 * The keys of a recipe that somebody chose: from a recipe file, from options, from {@code --set}.
 * Later ones win. Immutable.
 */
public final class RecipeSettings {
  static final String CURRICULUM = "curriculum";

  private final Map<String, Object> values;

  private RecipeSettings(Map<String, Object> values) {
    this.values = values;
  }

  /** Nothing chosen. */
  public static RecipeSettings none() {
    return new RecipeSettings(Map.of());
  }

  /**
   * Reads the text of a recipe file: YAML, one {@code key: value} a line.
   *
   * @param source name of the file, for messages
   * @throws UserError if the text is not such a file, or a key or type is wrong
   */
  public static RecipeSettings parse(String yaml, String source) {
    return none().with(read(yaml, source), source);
  }

  /** The keys of a text in YAML, unchecked. */
  static Map<String, Object> read(String yaml, String source) {
    try {
      return Keys.YAML.readValue(yaml, new TypeReference<LinkedHashMap<String, Object>>() {});
    } catch (JsonProcessingException e) {
      String line = e.getLocation() == null ? "" : " line " + e.getLocation().getLineNr();
      String why = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      throw new UserError(source + line + " is not 'key: value' in YAML: " + why, e);
    }
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

  /**
   * Settings as the command line gives them.
   *
   * @param assignments each {@code key=value}
   * @throws UserError if one is not of that form, or as {@link #with}
   */
  public RecipeSettings set(List<String> assignments) {
    RecipeSettings settings = this;
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      if (equals < 1) {
        throw new UserError("--set wants key=value, not '" + assignment + "'");
      }
      String key = assignment.substring(0, equals).strip();
      settings =
          settings.with(
              Map.of(key, scalar(assignment.substring(equals + 1))), "--set " + assignment);
    }
    return settings;
  }

  /** A value as YAML reads it. */
  static Object scalar(String text) {
    try {
      Object value = Keys.YAML.readValue(text, Object.class);
      return value == null ? text : value;
    } catch (JsonProcessingException e) {
      return text; // for instance a curriculum written out: its colons are not YAML's
    }
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
    return RecipeDefaults.complete(values, trainingImages);
  }
}
