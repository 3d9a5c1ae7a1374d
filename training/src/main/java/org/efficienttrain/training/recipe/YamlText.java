package org.efficienttrain.training.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.efficienttrain.training.UserError;

/** Keys and values in YAML, from anybody: recipes and curricula. */
final class YamlText {
  /** Reads strictly: a fraction is no whole number, text no number, null nothing. */
  static final ObjectMapper MAPPER =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
          .build();

  /** Longer files are neither recipes nor curricula. */
  private static final long MAX_BYTES = 1 << 18;

  private YamlText() {}

  /**
   * The keys of a file.
   *
   * @param what the file is to be, for messages
   */
  static Map<String, Object> read(Path file, String what) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new UserError("%s is too large to be a %s".formatted(file, what));
      }
      return parse(Files.readString(file), file.toString());
    } catch (IOException e) {
      String why = Files.exists(file) ? e.getMessage() : "there is no such file";
      throw new UserError("the %s %s cannot be read: %s".formatted(what, file, why), e);
    }
  }

  /**
   * The keys of a text.
   *
   * @param source what the text is of, for messages
   */
  static Map<String, Object> parse(String text, String source) {
    try {
      Map<String, Object> keys =
          text.isBlank()
              ? null
              : MAPPER.readValue(text, new TypeReference<LinkedHashMap<String, Object>>() {});
      if (keys == null) {
        throw new UserError(source + " is empty: write 'key: value', one a line");
      }
      return keys;
    } catch (JsonProcessingException e) {
      String line = e.getLocation() == null ? "" : " line " + e.getLocation().getLineNr();
      String why =
          e instanceof MismatchedInputException
              ? "it is a list or a single value"
              : String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      throw new UserError(source + line + " is not 'key: value' in YAML: " + why, e);
    }
  }

  /** One value; what is no YAML is text: the colons of a curriculum written out are not YAML's. */
  static Object scalar(String text) {
    try {
      Object value = MAPPER.readValue(text, Object.class);
      return value == null ? text : value;
    } catch (JsonProcessingException e) {
      return text;
    }
  }
}
