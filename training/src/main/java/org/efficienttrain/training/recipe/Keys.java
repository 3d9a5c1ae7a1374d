package org.efficienttrain.training.recipe;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.efficienttrain.curriculum.Nearest;
import org.efficienttrain.training.UserError;

/** The keys of a {@link Recipe}: what its components declare. Jackson binds, strictly. */
final class Keys {
  /** Reads and binds recipes. A number is no text, a fraction no whole number, null nothing. */
  static final ObjectMapper YAML =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .withCoercionConfig(
              LogicalType.Textual,
              text -> {
                text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                text.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                text.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
              })
          .addModule(new SimpleModule().addSerializer(new LowerCase()))
          .build();

  private static final Map<String, RecordComponent> COMPONENTS =
      Arrays.stream(Recipe.class.getRecordComponents())
          .collect(
              Collectors.toMap(RecordComponent::getName, c -> c, (a, b) -> a, LinkedHashMap::new));

  private Keys() {}

  /** Every key with its component, in the order of the record. */
  static Map<String, RecordComponent> components() {
    return COMPONENTS;
  }

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
          "%s: there is no key '%s'; did you mean '%s'?"
              .formatted(source, key, Nearest.of(key, COMPONENTS.keySet())));
    }
    Object converted = null;
    try {
      boolean whole = value instanceof Double d && d == Math.rint(d) && Math.abs(d) < 1e15;
      converted =
          YAML.convertValue(whole ? ((Double) value).longValue() : value, component.getType());
    } catch (IllegalArgumentException e) {
      // The sentence below says more.
    }
    if (value == null || converted == null) {
      throw new UserError(
          "%s: %s must be %s, not '%s'".formatted(source, key, wanted(component), value));
    }
    Key declared = component.getAnnotation(Key.class);
    if (converted instanceof Number n
        && !(n.doubleValue() >= declared.min() && n.doubleValue() <= declared.max())) {
      throw new UserError(
          "%s: %s must lie between %s and %s, not at %s"
              .formatted(source, key, plain(declared.min()), plain(declared.max()), value));
    }
    return converted;
  }

  private static String wanted(RecordComponent component) {
    Class<?> type = component.getType();
    if (type.isEnum()) {
      return "one of " + String.join(", ", words(type));
    }
    return Map.of(String.class, "text", boolean.class, "true or false", double.class, "a number")
        .getOrDefault(type, "a whole number");
  }

  /** The words of a key with a choice. */
  static String[] words(Class<?> type) {
    return YAML.convertValue(type.getEnumConstants(), String[].class);
  }

  /** A number without a needless fraction. */
  static String plain(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    return whole ? String.valueOf((long) value) : String.valueOf(value);
  }

  /** The keys that have the same value in every recipe that does not say otherwise. */
  static Map<String, Object> constants() {
    Map<String, Object> values = new LinkedHashMap<>();
    COMPONENTS.forEach(
        (name, component) -> {
          String text = component.getAnnotation(Key.class).byDefault();
          if (!text.isEmpty()) {
            values.put(name, convert(name, RecipeSettings.scalar(text), "@Key"));
          }
        });
    return values;
  }

  /** The recipe of a map that has every key. */
  static Recipe toRecipe(Map<String, Object> values) {
    try {
      return YAML.convertValue(values, Recipe.class);
    } catch (IllegalArgumentException e) {
      Throwable root = e;
      while (root.getCause() != null && !(root instanceof UserError)) {
        root = root.getCause();
      }
      throw root instanceof UserError error ? error : e;
    }
  }

  static Map<String, Object> toMap(Recipe recipe) {
    return YAML.convertValue(recipe, new TypeReference<LinkedHashMap<String, Object>>() {});
  }

  /** Choices are written as the words that people type. */
  private static final class LowerCase extends StdSerializer<Enum<?>> {
    private static final long serialVersionUID = 1;

    LowerCase() {
      super(Enum.class, false);
    }

    @Override
    public void serialize(Enum<?> value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(value.name().toLowerCase(Locale.ROOT));
    }
  }
}
