package org.efficienttrain.curriculum;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** Reads the golden files, which are flat JSON objects of numbers, strings and arrays. */
final class Golden {
  private Golden() {}

  static String text(String name) {
    try (InputStream file = Golden.class.getResourceAsStream("/golden/" + name)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The objects of a JSON array of flat objects. */
  static List<String> objects(String json) {
    return Pattern.compile("\\{[^{}]*}").matcher(json).results().map(r -> r.group()).toList();
  }

  /** The object of a key, with all that is nested in it. */
  static String object(String json, String key) {
    Matcher start = Pattern.compile("\"" + key + "\":\\s*\\{").matcher(json);
    if (!start.find()) {
      throw new IllegalStateException("no object " + key);
    }
    int depth = 1;
    int end = start.end();
    while (depth > 0) {
      char c = json.charAt(end++);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    }
    return json.substring(start.end() - 1, end);
  }

  static boolean has(String object, String key) {
    return object.contains("\"" + key + "\"");
  }

  static String string(String object, String key) {
    return find(object, key, "\"([^\"]*)\"");
  }

  static double number(String object, String key) {
    return Double.parseDouble(find(object, key, "([-+.eE0-9]+)"));
  }

  /** All numbers of an array, nested or not, in order. */
  static double[] numbers(String object, String key) {
    Matcher start = Pattern.compile("\"" + key + "\":\\s*\\[").matcher(object);
    if (!start.find()) {
      throw new IllegalStateException("no array " + key);
    }
    int depth = 1;
    int end = start.end();
    while (depth > 0) {
      char c = object.charAt(end++);
      depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    }
    List<Double> numbers = new ArrayList<>();
    Stream.of(object.substring(start.end(), end).split("[\\[\\],\\s]+", -1))
        .filter(s -> !s.isEmpty())
        .map(Double::valueOf)
        .forEach(numbers::add);
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static String find(String object, String key, String value) {
    Matcher matcher = Pattern.compile("\"" + key + "\":\\s*" + value).matcher(object);
    if (!matcher.find()) {
      throw new IllegalStateException("no " + key);
    }
    return matcher.group(1);
  }

  /** The golden files' deterministic input: values in [-1, 1) drawn from a name. */
  static double[] uniform(String name, int count) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    long state = crc.getValue();
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      state += 0x9E3779B97F4A7C15L;
      long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      z ^= z >>> 31;
      values[i] = (z >>> 40) / (double) (1 << 23) - 1;
    }
    return values;
  }
}
