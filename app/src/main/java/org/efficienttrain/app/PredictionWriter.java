package org.efficienttrain.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes what a network said about images, a line each, in one of three forms. */
final class PredictionWriter {
  /** For people, for tables, for programs. */
  enum Form {
    TABLE,
    CSV,
    JSON
  }

  /**
   * One guess.
   *
   * @param index number of the class
   * @param probability 0 to 1
   */
  record Guess(int index, double probability) {}

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int WIDEST_NAME = 60;

  private final PrintWriter out;
  private final Form form;
  private final List<String> classes;

  PredictionWriter(PrintWriter out, Form form, List<String> classes) {
    this.out = out;
    this.form = form;
    this.classes = classes;
  }

  /** The most likely classes, most first. */
  static List<Guess> guesses(float[] logits, int from, int classes, int top) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      largest = Math.max(largest, logits[from + c]);
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += Math.exp(logits[from + c] - largest);
    }
    List<Guess> best = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      double probability = Math.exp(logits[from + c] - largest) / sum;
      int place = best.size();
      while (place > 0 && probability > best.get(place - 1).probability()) {
        place--;
      }
      if (place < top) {
        best.add(place, new Guess(c, probability));
        if (best.size() > top) {
          best.remove(top);
        }
      }
    }
    return best;
  }

  /** The line above the others, where the form has one. */
  void header(int top) {
    if (form != Form.CSV) {
      return;
    }
    List<String> cells = new ArrayList<>(List.of("file"));
    for (int i = 1; i <= top; i++) {
      cells.add("class" + i);
      cells.add("probability" + i);
    }
    cells.add("error");
    out.println(Csv.line(cells));
  }

  /** An image and what the network said; {@code width} is the room for names in a table. */
  void line(String file, List<Guess> guesses, int width) {
    switch (form) {
      case TABLE -> {
        StringBuilder text = new StringBuilder(padded(file, width));
        for (Guess guess : guesses) {
          text.append(
              String.format(
                  Locale.ROOT,
                  "  %s %.1f%%",
                  printable(classes.get(guess.index())),
                  100 * guess.probability()));
        }
        out.println(text);
      }
      case CSV -> {
        List<Object> cells = new ArrayList<>(List.of(file));
        for (Guess guess : guesses) {
          cells.add(classes.get(guess.index()));
          cells.add(number(guess.probability()));
        }
        cells.add("");
        out.println(Csv.line(cells));
      }
      case JSON -> {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Guess guess : guesses) {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("class", classes.get(guess.index()));
          one.put("index", guess.index());
          one.put("probability", guess.probability());
          list.add(one);
        }
        json(file, "predictions", list);
      }
    }
  }

  /** An image that could not be used, and why. */
  void broken(String file, String reason, int top, int width) {
    switch (form) {
      case TABLE -> out.println(padded(file, width) + "  broken: " + printable(reason));
      case CSV -> {
        List<Object> cells = new ArrayList<>(List.of(file));
        for (int i = 0; i < 2 * top; i++) {
          cells.add("");
        }
        cells.add(reason);
        out.println(Csv.line(cells));
      }
      case JSON -> json(file, "error", reason);
    }
  }

  private void json(String file, String key, Object value) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("file", file);
    line.put(key, value);
    try {
      out.println(MAPPER.writeValueAsString(line));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Room for the longest of some names, within reason. */
  static int width(List<?> files) {
    return files.stream()
        .mapToInt(file -> Math.min(WIDEST_NAME, String.valueOf(file).length()))
        .max()
        .orElse(0);
  }

  private static String padded(String file, int width) {
    String text = printable(file);
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.6f", value);
  }

  /** Names of files and classes may hold what would confuse a terminal. */
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
