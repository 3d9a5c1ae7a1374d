package org.efficienttrain.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The table of {@code benchmarks/quickstart.sh}: the three runs of {@code ./et quickstart} over
 * seeds, for each precision and instruction set, and whether the quickstart keeps its promises.
 */
public final class QuickstartTable {
  private static final List<String> RUNS =
      List.of("baseline", "efficienttrain", "efficienttrain++");
  private static final Pattern CELL = Pattern.compile("(.+)-seed\\d+");

  /** How far below the baseline of its seed a run may be. */
  private static final double SEED_MARGIN = 0.03;

  private static final double LOWEST_BASELINE = 0.70;
  private static final double HIGHEST_BASELINE = 0.95;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One finished run: accuracy 0 to 1, wall time of its training, speed-up by pixels. */
  private record Run(double accuracy, double seconds, double predicted) {}

  private QuickstartTable() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.out.println("usage: QuickstartTable DIR; DIR holds the runs of quickstart.sh");
      return;
    }
    Map<String, List<List<Run>>> cells = new TreeMap<>();
    try (Stream<Path> folders = Files.list(Path.of(args[0]))) {
      for (Path folder : folders.sorted().toList()) {
        Matcher name = CELL.matcher(folder.getFileName().toString());
        if (name.matches() && finished(folder)) {
          List<Run> three = new ArrayList<>();
          for (String run : RUNS) {
            three.add(read(folder.resolve(run)));
          }
          cells.computeIfAbsent(name.group(1), k -> new ArrayList<>()).add(three);
        }
      }
    }
    if (cells.isEmpty()) {
      System.out.println("No seed has all three runs yet in " + args[0] + ".");
      return;
    }
    System.out.println(
        "| machine | run | seeds | accuracy, % | lowest to highest | worst seed against baseline |"
            + " training, s | speed-up | by pixels |");
    System.out.println("|---|---|---|---|---|---|---|---|---|");
    List<String> broken = new ArrayList<>();
    cells.forEach((cell, seeds) -> print(cell, seeds, broken));
    System.out.println();
    System.out.println(
        broken.isEmpty()
            ? "Every mean is at or above the baseline's, no seed more than 3 points below it, every"
                + " baseline between 70 and 95%."
            : String.join("\n", broken));
  }

  private static boolean finished(Path folder) {
    return RUNS.stream().allMatch(run -> Files.exists(folder.resolve(run + "/summary.json")));
  }

  private static Run read(Path folder) throws IOException {
    JsonNode summary = JSON.readTree(folder.resolve("summary.json").toFile());
    return new Run(
        summary.get("accuracy").asDouble(),
        summary.get("trainingSeconds").asDouble(),
        summary.get("predictedSpeedup").asDouble());
  }

  private static void print(String cell, List<List<Run>> seeds, List<String> broken) {
    double baseline = mean(seeds, s -> s.get(0).accuracy());
    double seconds = mean(seeds, s -> s.get(0).seconds());
    for (int i = 0; i < RUNS.size(); i++) {
      int run = i;
      double accuracy = mean(seeds, s -> s.get(run).accuracy());
      double squares =
          seeds.stream().mapToDouble(s -> Math.pow(s.get(run).accuracy() - accuracy, 2)).sum();
      double worst =
          seeds.stream()
              .mapToDouble(s -> s.get(run).accuracy() - s.get(0).accuracy())
              .min()
              .orElseThrow();
      double[] all = seeds.stream().mapToDouble(s -> s.get(run).accuracy()).sorted().toArray();
      double mine = mean(seeds, s -> s.get(run).seconds());
      System.out.printf(
          Locale.ROOT,
          "| %s | %s | %d | %.1f ± %.1f | %.1f to %.1f | %+.1f | %.1f | %.2fx | %.2fx |%n",
          cell,
          RUNS.get(run),
          seeds.size(),
          100 * accuracy,
          100 * Math.sqrt(squares / Math.max(1, seeds.size() - 1)),
          100 * all[0],
          100 * all[all.length - 1],
          100 * worst,
          mine,
          seconds / mine,
          mean(seeds, s -> s.get(run).predicted()));
      check(accuracy >= baseline, broken, "%s: the mean of %s is below the baseline's", cell, run);
      check(
          worst >= -SEED_MARGIN,
          broken,
          "%s: a seed of %s is more than 3 points below its baseline",
          cell,
          run);
    }
    check(
        baseline >= LOWEST_BASELINE && baseline <= HIGHEST_BASELINE,
        broken,
        "%s: the mean of %s is not between 70 and 95%%",
        cell,
        0);
  }

  private static void check(
      boolean holds, List<String> broken, String sentence, String cell, int run) {
    if (!holds) {
      broken.add("- " + sentence.formatted(cell, RUNS.get(run)) + ".");
    }
  }

  private static double mean(List<List<Run>> seeds, ToDoubleFunction<List<Run>> value) {
    return seeds.stream().mapToDouble(value).average().orElse(Double.NaN);
  }
}
