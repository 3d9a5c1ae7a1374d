package org.efficienttrain.training.recipe;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.efficienttrain.training.UserError;

/** Between a {@link Recipe} and a map of keys to numbers, text and booleans. */
final class RecipeBinding {
  private static final RecordComponent[] COMPONENTS = Recipe.class.getRecordComponents();

  private RecipeBinding() {}

  /** Every key, in the order of the record. */
  static List<String> keys() {
    return Arrays.stream(COMPONENTS).map(RecordComponent::getName).toList();
  }

  /**
   * A value in the type that its key has.
   *
   * @param source where the value was written, for the message
   * @throws UserError if there is no such key or the value has another type
   */
  static Object convert(String key, Object value, String source) {
    for (RecordComponent component : COMPONENTS) {
      if (component.getName().equals(key)) {
        return convert(component, value, source);
      }
    }
    throw new UserError(
        "%s: there is no key '%s'; did you mean '%s'?"
            .formatted(source, key, Nearest.of(key, keys())));
  }

  private static Object convert(RecordComponent component, Object value, String source) {
    Class<?> type = component.getType();
    if (type == String.class && value instanceof String) {
      return value;
    }
    if (type == boolean.class && value instanceof Boolean) {
      return value;
    }
    if (type == double.class && value instanceof Number n) {
      return n.doubleValue();
    }
    if (type == int.class
        && whole(value)
        && ((Number) value).longValue() == ((Number) value).intValue()) {
      return ((Number) value).intValue();
    }
    if (type == long.class && whole(value)) {
      return ((Number) value).longValue();
    }
    if (type.isEnum()) {
      for (Object constant : type.getEnumConstants()) {
        if (value == constant || word(constant).equalsIgnoreCase(String.valueOf(value))) {
          return constant;
        }
      }
    }
    throw new UserError(
        "%s: %s must be %s, not '%s'".formatted(source, component.getName(), wanted(type), value));
  }

  private static boolean whole(Object value) {
    return value instanceof Integer
        || value instanceof Long
        || (value instanceof Double d && d == Math.rint(d) && Math.abs(d) < 1e15);
  }

  private static String wanted(Class<?> type) {
    if (type == String.class) {
      return "text";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (type.isEnum()) {
      List<String> words = Arrays.stream(type.getEnumConstants()).map(RecipeBinding::word).toList();
      return "one of " + String.join(", ", words);
    }
    return type == double.class ? "a number" : "a whole number";
  }

  /** A constant as a recipe writes it: {@code PER_STAGE} is {@code perStage}. */
  private static String word(Object constant) {
    String[] parts = constant.toString().toLowerCase(Locale.ROOT).split("_", -1);
    StringBuilder word = new StringBuilder(parts[0]);
    for (int i = 1; i < parts.length; i++) {
      word.append(Character.toUpperCase(parts[i].charAt(0))).append(parts[i].substring(1));
    }
    return word.toString();
  }

  /** The recipe of a map that has every key, each in its type. */
  static Recipe toRecipe(Map<String, Object> values) {
    Class<?>[] types =
        Arrays.stream(COMPONENTS).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] arguments = keys().stream().map(values::get).toArray();
    try {
      Constructor<Recipe> constructor = Recipe.class.getDeclaredConstructor(types);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof UserError error) {
        throw error;
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  static Map<String, Object> toMap(Recipe recipe) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (RecordComponent component : COMPONENTS) {
      try {
        Object value = component.getAccessor().invoke(recipe);
        values.put(component.getName(), value instanceof Enum<?> ? word(value) : value);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
    return values;
  }
}
