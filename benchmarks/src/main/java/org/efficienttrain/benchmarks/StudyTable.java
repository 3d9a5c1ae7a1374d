package org.efficienttrain.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The table of {@code benchmarks/study.sh}: accuracy and time of every recipe over its seeds,
 * beside the one without a curriculum.
 */
public final class StudyTable {
  /** By their part of a folder's name; the epochs of the last two are of compute. */
  private static final Map<String, String> CURRICULA =
      Map.of(
          "baseline",
          "baseline",
          "efficienttrain",
          "efficienttrain",
          "efficienttrainpp",
          "efficienttrain++",
          "efficienttrainpp_short",
          "efficienttrain++, short");

  private static final Pattern RUN =
      Pattern.compile("(.+)-(" + String.join("|", CURRICULA.keySet()) + ")-seed\\d+");
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One finished run.
   *
   * @param seconds wall time of its training steps
   * @param typicalSeconds the same at the median rate of each bandwidth, which other work on the
   *     machine, for less than half of the time, does not change
   * @param waiting seconds of the training in which the network waited for images
   * @param predicted speed-up that the pixels predict
   */
  private record Run(
      double accuracy, double seconds, double typicalSeconds, double waiting, double predicted) {}

  private StudyTable() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.out.println("usage: StudyTable DIR; DIR holds the runs of benchmarks/study.sh");
      return;
    }
    Map<String, Map<String, List<Run>>> study = new TreeMap<>();
    try (Stream<Path> folders = Files.list(Path.of(args[0]))) {
      for (Path folder : folders.sorted().toList()) {
        Matcher name = RUN.matcher(folder.getFileName().toString());
        if (name.matches() && Files.exists(folder.resolve("summary.json"))) {
          study
              .computeIfAbsent(name.group(1), k -> new LinkedHashMap<>())
              .computeIfAbsent(name.group(2), k -> new ArrayList<>())
              .add(read(folder));
        }
      }
    }
    System.out.println(
        "| recipe | curriculum | seeds | accuracy, % | training, s | of that waiting for images |"
            + " at the median rate, s | speed-up | by pixels | of that |");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|");
    study.forEach(StudyTable::print);
  }

  private static Run read(Path folder) throws IOException {
    JsonNode summary = JSON.readTree(folder.resolve("summary.json").toFile());
    Map<Integer, Double> images = new TreeMap<>();
    for (JsonNode stage : summary.get("stages")) {
      images.merge(stage.get("bandwidth").asInt(), stage.get("images").asDouble(), Double::sum);
    }
    Map<Integer, List<Double>> rates = new TreeMap<>();
    for (String line : Files.readAllLines(folder.resolve("metrics.jsonl"))) {
      JsonNode event = JSON.readTree(line);
      if (event.get("kind").asText().equals("step")) {
        rates
            .computeIfAbsent(event.get("bandwidth").asInt(), k -> new ArrayList<>())
            .add(event.get("imagesPerSecond").asDouble());
      }
    }
    double typical = 0;
    for (Map.Entry<Integer, Double> e : images.entrySet()) {
      double[] all = rates.get(e.getKey()).stream().mapToDouble(r -> r).toArray();
      typical += e.getValue() / Medians.of(all);
    }
    return new Run(
        summary.get("accuracy").asDouble(),
        summary.get("trainingSeconds").asDouble(),
        typical,
        summary.get("waitingSeconds").asDouble(),
        summary.get("predictedSpeedup").asDouble());
  }

  private static void print(String recipe, Map<String, List<Run>> curricula) {
    List<Run> baseline = curricula.getOrDefault("baseline", List.of());
    for (Map.Entry<String, List<Run>> e : curricula.entrySet()) {
      List<Run> runs = e.getValue();
      double typical = mean(runs, Run::typicalSeconds);
      double speedup = mean(baseline, Run::typicalSeconds) / typical;
      double predicted = mean(runs, Run::predicted);
      System.out.printf(
          Locale.ROOT,
          "| %s | %s | %d | %.1f ± %.1f | %.0f | %.1f | %.0f | %.2fx | %.2fx | %.0f%% |%n",
          recipe,
          CURRICULA.get(e.getKey()),
          runs.size(),
          100 * mean(runs, Run::accuracy),
          100 * deviation(runs),
          mean(runs, Run::seconds),
          mean(runs, Run::waiting),
          typical,
          speedup,
          predicted,
          100 * speedup / predicted);
    }
  }

  private static double mean(List<Run> runs, ToDoubleFunction<Run> value) {
    return runs.stream().mapToDouble(value).average().orElse(Double.NaN);
  }

  /** Sample standard deviation of the accuracy; 0 for one run. */
  private static double deviation(List<Run> runs) {
    double mean = mean(runs, Run::accuracy);
    double squares = runs.stream().mapToDouble(r -> Math.pow(r.accuracy() - mean, 2)).sum();
    return Math.sqrt(squares / Math.max(1, runs.size() - 1));
  }
}
