package org.efficienttrain.app;

import java.util.List;
import java.util.stream.Collectors;

/** Lines of comma-separated tables (RFC 4180). */
final class Csv {
  private Csv() {}

  /** One line, without its end: cells with a comma, a quote or a line break stand in quotes. */
  static String line(List<?> cells) {
    return cells.stream().map(cell -> cell(String.valueOf(cell))).collect(Collectors.joining(","));
  }

  private static String cell(String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
