package org.efficienttrain.tensor.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.tensor.DType;

/**
 * What a safetensors header says, not yet held against the file's length.
 *
 * @param tensors in the order of the header
 * @param metadata the {@code __metadata__} object
 */
record SafetensorsHeader(List<Entry> tensors, Map<String, String> metadata) {

  /** A tensor and the half-open span of the data section, in bytes, that it claims. */
  record Entry(TensorInfo info, long begin, long end) {}

  static final String METADATA = "__metadata__";

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /**
   * Parses the JSON text.
   *
   * @throws JsonProcessingException with a reason in words if the text is not such a header
   */
  static SafetensorsHeader parse(String json) throws IOException {
    List<Entry> tensors = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      expect(parser, parser.nextToken(), JsonToken.START_OBJECT, "an object of tensors");
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals(METADATA)) {
          readMetadata(parser, value, metadata);
        } else {
          tensors.add(readEntry(parser, value, name));
        }
      }
      if (parser.nextToken() != null) {
        throw new JsonParseException(parser, "text follows the header's last brace");
      }
    }
    return new SafetensorsHeader(tensors, metadata);
  }

  private static void readMetadata(JsonParser parser, JsonToken start, Map<String, String> into)
      throws IOException {
    expect(parser, start, JsonToken.START_OBJECT, "an object of texts as " + METADATA);
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      expect(parser, parser.nextToken(), JsonToken.VALUE_STRING, "text as metadata");
      into.put(key, parser.getText());
    }
  }

  private static Entry readEntry(JsonParser parser, JsonToken start, String name)
      throws IOException {
    String of = " of " + Faults.quote(name);
    expect(parser, start, JsonToken.START_OBJECT, "an object as description" + of);
    DType dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "dtype" -> {
          expect(parser, value, JsonToken.VALUE_STRING, "a name as dtype" + of);
          dtype = dtype(parser, parser.getText(), of);
        }
        case "shape" -> shape = readSizes(parser, value, "shape" + of);
        case "data_offsets" -> offsets = readSizes(parser, value, "data_offsets" + of);
        default -> parser.skipChildren();
      }
    }
    if (dtype == null || shape == null || offsets == null) {
      throw new JsonParseException(parser, "dtype, shape or data_offsets is missing" + of);
    }
    if (offsets.size() != 2) {
      throw new JsonParseException(parser, "data_offsets" + of + " are not two numbers");
    }
    return new Entry(new TensorInfo(name, dtype, shape), offsets.get(0), offsets.get(1));
  }

  private static List<Long> readSizes(JsonParser parser, JsonToken start, String what)
      throws IOException {
    expect(parser, start, JsonToken.START_ARRAY, "a list as " + what);
    List<Long> sizes = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      expect(parser, token, JsonToken.VALUE_NUMBER_INT, "whole numbers as " + what);
      long size = parser.getLongValue();
      if (size < 0) {
        throw new JsonParseException(parser, "the " + what + " has a negative number");
      }
      if (sizes.size() == TensorInfo.MAX_RANK) {
        throw new JsonParseException(
            parser, "the " + what + " has more than " + TensorInfo.MAX_RANK + " numbers");
      }
      sizes.add(size);
    }
    return sizes;
  }

  private static DType dtype(JsonParser parser, String name, String of) throws IOException {
    for (DType dtype : DType.values()) {
      if (dtype.safetensorsName().equals(name)) {
        return dtype;
      }
    }
    throw new JsonParseException(
        parser, "the dtype " + Faults.quote(name) + of + " is not one that is read here");
  }

  private static void expect(JsonParser parser, JsonToken found, JsonToken wanted, String what)
      throws IOException {
    if (found != wanted) {
      throw new JsonParseException(parser, "the header does not have " + what);
    }
  }
}
