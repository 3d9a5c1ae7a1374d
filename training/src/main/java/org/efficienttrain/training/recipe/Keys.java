package org.efficienttrain.training.recipe;

import com.fasterxml.jackson.core.type.TypeReference;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.efficienttrain.curriculum.Nearest;
import org.efficienttrain.training.UserError;

/** The keys of a {@link Recipe}: what its components declare. Jackson binds, strictly. */
final class Keys {
  /** Every key with its component, in the order of the record. */
  static final Map<String, RecordComponent> COMPONENTS =
      Arrays.stream(Recipe.class.getRecordComponents())
          .collect(
              Collectors.toMap(RecordComponent::getName, c -> c, (a, b) -> a, LinkedHashMap::new));

  private Keys() {}

  /**
   * A value in the type that its key has.
   *
   * @param source where the value was written, for the message
   * @throws UserError if there is no such key, or the value has another type or is out of range
   */
  static Object convert(String key, Object value, String source) {
    RecordComponent component = COMPONENTS.get(key);
    if (component == null) {
      throw new UserError(
          "%s: there is no key '%s'; %s"
              .formatted(
                  source,
                  key,
                  Nearest.likely(key, COMPONENTS.keySet())
                      .map("did you mean '%s'?"::formatted)
                      .orElse("docs/recipes.md lists them")));
    }
    Object converted = bind(value, component.getType());
    if (converted == null || !isInRange(converted, component.getAnnotation(Key.class))) {
      throw new UserError(
          "%s: %s must be %s, not '%s'".formatted(source, key, wanted(component), value));
    }
    return converted;
  }

  /** The value in a type, or null where it has another. */
  private static Object bind(Object value, Class<?> type) {
    if (value == null || type == String.class) {
      return value instanceof String ? value : null; // Jackson would take a number for text
    }
    try {
      return YamlText.MAPPER.convertValue(value, type);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static boolean isInRange(Object value, Key key) {
    return !(value instanceof Number n)
        || (n.doubleValue() >= key.min() && n.doubleValue() <= key.max());
  }

  private static String wanted(RecordComponent component) {
    Class<?> type = component.getType();
    return switch (type.getName()) {
      case "java.lang.String" -> "text";
      case "boolean" -> "true or false";
      case "double" -> "a number from " + range(component);
      case "int" -> "a whole number from " + range(component);
      case "long" -> "a whole number";
      default -> "one of " + String.join(", ", words(type));
    };
  }

  /** The numbers that a key takes. */
  static String range(RecordComponent component) {
    Key key = component.getAnnotation(Key.class);
    return plain(key.min()) + " to " + plain(key.max());
  }

  /** A number without a needless fraction. */
  private static String plain(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    return whole ? String.valueOf((long) value) : String.valueOf(value);
  }

  /** The words of a key with a choice. */
  static String[] words(Class<?> type) {
    return YamlText.MAPPER.convertValue(type.getEnumConstants(), String[].class);
  }

  /** The recipe of a map that has every key. */
  static Recipe toRecipe(Map<String, Object> values) {
    try {
      return YamlText.MAPPER.convertValue(values, Recipe.class);
    } catch (IllegalArgumentException e) {
      // Of the record's own checks, two Jackson exceptions deep.
      boolean checked = e.getCause() != null && e.getCause().getCause() instanceof UserError;
      throw checked ? (UserError) e.getCause().getCause() : e;
    }
  }

  /** A recipe, or keys with values, as numbers, text and booleans. */
  static Map<String, Object> toMap(Object recipe) {
    return YamlText.MAPPER.convertValue(
        recipe, new TypeReference<LinkedHashMap<String, Object>>() {});
  }
}
