package org.efficienttrain.app.runs;

import java.util.List;
import java.util.Map;

/** Reads values out of what a file from outside holds, whatever it holds. */
public final class Values {
  private Values() {}

  /** A number; NaN where there is none of that name. */
  public static double number(Map<String, Object> map, String key) {
    return map.get(key) instanceof Number n ? n.doubleValue() : Double.NaN;
  }

  /** Text, at most 2000 characters; empty where there is none of that name. */
  public static String text(Map<String, Object> map, String key) {
    Object value = map.get(key);
    if (value == null || value instanceof Map || value instanceof List) {
      return "";
    }
    String text = String.valueOf(value);
    return text.length() > 2000 ? text.substring(0, 2000) : text;
  }

  /** An object within; empty where there is none of that name. */
  @SuppressWarnings("unchecked") // keys of parsed JSON are text
  public static Map<String, Object> map(Map<String, Object> map, String key) {
    return map.get(key) instanceof Map<?, ?> inner ? (Map<String, Object>) inner : Map.of();
  }

  /** The objects of a list within; empty where there is none of that name. */
  @SuppressWarnings("unchecked")
  public static List<Map<String, Object>> maps(Map<String, Object> map, String key) {
    if (!(map.get(key) instanceof List<?> list)) {
      return List.of();
    }
    return list.stream()
        .filter(e -> e instanceof Map)
        .map(e -> (Map<String, Object>) e)
        .limit(10_000)
        .toList();
  }
}
