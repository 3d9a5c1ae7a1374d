package org.efficienttrain.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The table and the picture of {@code benchmarks/pretraining.sh}: neighbours, probe and fine-tuning
 * of every kind of pre-training over its seeds, beside a network from scratch.
 */
public final class PretrainingTable {
  private static final Pattern RUN = Pattern.compile("(.+)-seed\\d+-(mae|probe|tuned)");
  private static final Pattern STEP = Pattern.compile("^ *(\\d+) +\\d+ +[\\d.]+ s +([\\d.]+) ");
  private static final ObjectMapper JSON = new ObjectMapper();

  // Of the picture, in pixels.
  private static final int LEFT = 190;
  private static final int COLUMN = 180;
  private static final int TOP = 30;
  private static final int LINE = 26;

  /** What is measured of a network, in the order of the table. */
  private enum Measure {
    NEIGHBOURS("mae", "knnAccuracy", "kNN"),
    PROBE("probe", "accuracy", "probe"),
    TUNED("tuned", "accuracy", "fine-tuned");

    private final String run;
    private final String key;
    private final String words;

    Measure(String run, String key, String words) {
      this.run = run;
      this.key = key;
      this.words = words;
    }

    static Measure of(String run) {
      return Stream.of(values()).filter(m -> m.run.equals(run)).findFirst().orElseThrow();
    }
  }

  /** Mean and sample deviation of some seeds, in percent. */
  private record Spread(double mean, double deviation, int seeds) {
    static Spread of(List<Double> values) {
      double mean = values.stream().mapToDouble(v -> v).average().orElse(Double.NaN);
      double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
      return new Spread(mean, Math.sqrt(squares / Math.max(1, values.size() - 1)), values.size());
    }

    String cell() {
      return seeds == 0 ? "" : String.format(Locale.ROOT, "%.1f ± %.1f", mean, deviation);
    }
  }

  /**
   * A row: one kind of training.
   *
   * @param seconds of the steps of pre-training: its images at every bandwidth by what {@code et
   *     benchmark curriculum} measured there, so that other work during the runs does not count
   */
  private record Row(
      String target, String curriculum, Map<Measure, Spread> spreads, double seconds) {
    String name() {
      return target.equals("scratch")
          ? "from scratch"
          : target + (curriculum.equals("none") ? "" : ", " + curriculum);
    }
  }

  private PretrainingTable() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      System.out.println(
          "usage: PretrainingTable DIR FILE.svg; DIR holds the runs of pretraining.sh");
      return;
    }
    List<Row> rows = read(Path.of(args[0]));
    System.out.println(
        "| target | curriculum | seeds | kNN, % | probe, % | fine-tuned, % | steps of pre-training, s | speed-up |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    for (Row row : rows) {
      double slowest =
          rows.stream()
              .filter(r -> r.target.equals(row.target) && r.curriculum.equals("none"))
              .mapToDouble(Row::seconds)
              .findFirst()
              .orElse(Double.NaN);
      System.out.printf(
          Locale.ROOT,
          "| %s | %s | %d | %s | %s | %s | %s | %s |%n",
          row.target,
          row.curriculum,
          row.spreads.values().stream().mapToInt(Spread::seeds).max().orElse(0),
          row.spreads.get(Measure.NEIGHBOURS).cell(),
          row.spreads.get(Measure.PROBE).cell(),
          row.spreads.get(Measure.TUNED).cell(),
          Double.isNaN(row.seconds) ? "" : String.format(Locale.ROOT, "%.0f", row.seconds),
          Double.isNaN(row.seconds)
              ? ""
              : String.format(Locale.ROOT, "%.2fx", slowest / row.seconds));
    }
    Files.writeString(Path.of(args[1]), picture(rows));
  }

  private static List<Row> read(Path study) throws IOException {
    Map<String, Map<Measure, List<Double>>> values = new TreeMap<>();
    Map<String, Double> seconds = new TreeMap<>();
    try (Stream<Path> folders = Files.list(study)) {
      for (Path folder : folders.sorted().toList()) {
        Matcher name = RUN.matcher(folder.getFileName().toString());
        if (!name.matches() || !Files.exists(folder.resolve("summary.json"))) {
          continue;
        }
        String kind = name.group(1);
        JsonNode summary = JSON.readTree(folder.resolve("summary.json").toFile());
        Measure measure = Measure.of(name.group(2));
        values
            .computeIfAbsent(kind, k -> new TreeMap<>())
            .computeIfAbsent(measure, k -> new ArrayList<>())
            .add(100 * summary.get(measure.key).asDouble());
        if (measure == Measure.NEIGHBOURS) {
          Map<Integer, Double> rates =
              rates(study.resolve("steps-" + kind.replaceFirst("-.*", "") + ".txt"));
          double total = 0;
          for (JsonNode stage : summary.get("stages")) {
            total +=
                stage.get("images").asDouble()
                    / rates.getOrDefault(stage.get("bandwidth").asInt(), Double.NaN);
          }
          seconds.put(kind, total);
        }
      }
    }
    return values.entrySet().stream()
        .map(e -> row(e.getKey(), e.getValue(), seconds.getOrDefault(e.getKey(), Double.NaN)))
        .sorted(
            Comparator.comparing((Row r) -> List.of("pixels", "hog", "scratch").indexOf(r.target))
                .thenComparing(r -> !r.curriculum.equals("none"))
                .thenComparing(Row::curriculum))
        .toList();
  }

  /** Images a second at every bandwidth, of a table of {@code et benchmark curriculum}. */
  private static Map<Integer, Double> rates(Path table) throws IOException {
    Map<Integer, Double> out = new TreeMap<>();
    for (String line : Files.readAllLines(table)) {
      Matcher step = STEP.matcher(line);
      if (step.find()) {
        out.put(Integer.parseInt(step.group(1)), Double.parseDouble(step.group(2)));
      }
    }
    return out;
  }

  private static Row row(String kind, Map<Measure, List<Double>> values, double seconds) {
    Map<Measure, Spread> spreads = new TreeMap<>();
    for (Measure m : Measure.values()) {
      spreads.put(m, Spread.of(values.getOrDefault(m, List.of())));
    }
    String[] parts = kind.split("-", 2);
    return new Row(parts[0], parts[1], spreads, seconds);
  }

  /** A column for each measure: means as dots, deviations as lines through them. */
  private static String picture(List<Row> rows) {
    int bottom = TOP + LINE * rows.size();
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%1$d\" height=\"%2$d\" viewBox=\"0 0 %1$d"
            + " %2$d\" font-family=\"sans-serif\" font-size=\"12\"><rect width=\"100%%\""
            + " height=\"100%%\" fill=\"#fff\"/>",
        LEFT + Measure.values().length * COLUMN,
        bottom + 30);
    for (int i = 0; i < rows.size(); i++) {
      String name = rows.get(i).name();
      add(svg, "<text x=\"12\" y=\"%d\">%s</text>", TOP + LINE * i + LINE / 2 + 4, name);
    }
    int left = LEFT;
    for (Measure m : Measure.values()) {
      column(svg, m, rows, left, bottom);
      left += COLUMN;
    }
    return svg.append("</svg>\n").toString();
  }

  private static void column(StringBuilder svg, Measure m, List<Row> rows, int left, int bottom) {
    List<Spread> spreads = rows.stream().map(r -> r.spreads.get(m)).toList();
    double low = 100;
    double high = 0;
    for (Spread s : spreads) {
      if (s.seeds > 0) {
        low = Math.min(low, 2 * Math.floor((s.mean - s.deviation) / 2));
        high = Math.max(high, 2 * Math.ceil((s.mean + s.deviation) / 2));
      }
    }
    double scale = (COLUMN - 40) / Math.max(1, high - low);
    add(svg, "<text x=\"%d\" y=\"18\" font-weight=\"bold\">%s, %%</text>", left, m.words);
    for (double percent = low; percent <= high; percent += 2) {
      add(
          svg,
          "<line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\" stroke=\"#ddd\"/>"
              + "<text x=\"%1$.1f\" y=\"%4$d\" text-anchor=\"middle\">%5$.0f</text>",
          left + (percent - low) * scale,
          TOP,
          bottom,
          bottom + 16,
          percent);
    }
    for (int i = 0; i < spreads.size(); i++) {
      Spread s = spreads.get(i);
      if (s.seeds > 0) {
        add(
            svg,
            "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%5$d\" y2=\"%5$d\" stroke=\"%4$s\""
                + " stroke-width=\"2\"/><circle cx=\"%3$.1f\" cy=\"%5$d\" r=\"5\" fill=\"%4$s\"/>",
            left + (s.mean - s.deviation - low) * scale,
            left + (s.mean + s.deviation - low) * scale,
            left + (s.mean - low) * scale,
            rows.get(i).curriculum.equals("none") ? "#777777" : "#d9622b",
            TOP + LINE * i + LINE / 2);
      }
    }
  }

  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
