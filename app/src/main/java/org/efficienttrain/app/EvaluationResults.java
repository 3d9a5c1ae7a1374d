package org.efficienttrain.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.efficienttrain.app.chart.ConfusionChart;
import org.efficienttrain.app.chart.ImageGrid;
import org.efficienttrain.app.chart.ReliabilityChart;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.augment.AugmentationSpec;
import org.efficienttrain.images.augment.SampleTransforms;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.evaluation.Calibration;
import org.efficienttrain.training.evaluation.ConfusionMatrix;
import org.efficienttrain.training.evaluation.Inference;
import org.efficienttrain.training.evaluation.Outcome;
import org.efficienttrain.training.evaluation.Outcomes;

/** What an evaluation leaves in its folder: tables for programs, pictures for people. */
final class EvaluationResults {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Pictures of the worst mistakes. */
  private static final int WORST = 36;

  private static final int COLUMNS = 6;

  private final Path folder;
  private final List<String> classes;

  /**
   * Makes the folder.
   *
   * @throws UserError if that fails
   */
  EvaluationResults(Path folder, List<String> classes) {
    this.folder = folder;
    this.classes = classes;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UserError("cannot make the folder " + folder, e);
    }
  }

  /** The figures of one pass over the images, under the names that results.json has. */
  static Map<String, Object> figures(Outcomes outcomes) {
    ConfusionMatrix matrix = ConfusionMatrix.of(outcomes);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("images", outcomes.size());
    out.put("top1", outcomes.topAccuracy(1));
    out.put("top5", outcomes.topAccuracy(5));
    out.put("loss", outcomes.loss());
    out.put("macroPrecision", matrix.macroPrecision());
    out.put("balancedAccuracy", matrix.balancedAccuracy());
    out.put("macroF1", matrix.macroF1());
    out.put("calibrationError", Calibration.of(outcomes).error());
    return out;
  }

  /** The figures of each class. */
  List<Map<String, Object>> perClass(ConfusionMatrix matrix) {
    List<Map<String, Object>> out = new ArrayList<>();
    for (int c = 0; c < classes.size(); c++) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("class", classes.get(c));
      one.put("images", matrix.support(c));
      one.put("predicted", matrix.predicted(c));
      one.put("precision", matrix.precision(c));
      one.put("recall", matrix.recall(c));
      one.put("f1", matrix.f1(c));
      out.add(one);
    }
    return out;
  }

  /** Writes {@code results.json}. */
  void writeJson(Map<String, Object> results) {
    try {
      write("results.json", JSON.writeValueAsBytes(results));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the tables and pictures of one pass. */
  void write(Outcomes outcomes, ImageDataset images, Inference how) {
    ConfusionMatrix matrix = ConfusionMatrix.of(outcomes);
    writeMatrix(matrix);
    writeClasses(matrix);
    Calibration calibration = Calibration.of(outcomes);
    write(
        "reliability.png",
        ReliabilityChart.draw(
            String.format(
                Locale.ROOT, "Calibration error %.2f%% (15 bins)", 100 * calibration.error()),
            calibration.bins().stream()
                .map(b -> new ReliabilityChart.Bar(b.count(), b.confidence(), b.accuracy()))
                .toList()));
    List<Outcome> mistakes =
        outcomes.all().stream()
            .filter(outcome -> !outcome.correct())
            .sorted(Comparator.comparingDouble(Outcome::loss).reversed())
            .toList();
    writeMistakes(mistakes, images);
    writeWorst(mistakes, images, how);
  }

  private void writeMatrix(ConfusionMatrix matrix) {
    int n = classes.size();
    long[][] counts = new long[n][n];
    double[][] shares = new double[n][n];
    List<String> names = new ArrayList<>(List.of("class"));
    names.addAll(classes);
    StringBuilder countLines = new StringBuilder(Csv.line(names)).append('\n');
    StringBuilder shareLines = new StringBuilder(countLines);
    for (int row = 0; row < n; row++) {
      List<Object> countCells = new ArrayList<>(List.of(classes.get(row)));
      List<Object> shareCells = new ArrayList<>(countCells);
      for (int column = 0; column < n; column++) {
        counts[row][column] = matrix.count(row, column);
        shares[row][column] = matrix.share(row, column);
        countCells.add(counts[row][column]);
        shareCells.add(number(shares[row][column]));
      }
      countLines.append(Csv.line(countCells)).append('\n');
      shareLines.append(Csv.line(shareCells)).append('\n');
    }
    write("confusion.csv", countLines.toString());
    write("confusion-shares.csv", shareLines.toString());
    ConfusionChart chart = new ConfusionChart(classes);
    write("confusion.png", chart.counts("Images: rows are right, columns predicted", counts));
    write("confusion-shares.png", chart.shares("Per cent of each row's images", shares));
  }

  private void writeClasses(ConfusionMatrix matrix) {
    StringBuilder lines = new StringBuilder("class,images,predicted,precision,recall,f1\n");
    for (int c = 0; c < classes.size(); c++) {
      List<Object> cells = new ArrayList<>();
      cells.add(classes.get(c));
      cells.add(matrix.support(c));
      cells.add(matrix.predicted(c));
      cells.add(number(matrix.precision(c)));
      cells.add(number(matrix.recall(c)));
      cells.add(number(matrix.f1(c)));
      lines.append(Csv.line(cells)).append('\n');
    }
    write("classes.csv", lines.toString());
  }

  private void writeMistakes(List<Outcome> mistakes, ImageDataset images) {
    StringBuilder lines =
        new StringBuilder("file,class,prediction,confidence,probability_of_class,place,loss\n");
    for (Outcome o : mistakes) {
      List<Object> cells = new ArrayList<>();
      cells.add(images.name(o.index()));
      cells.add(classes.get(o.label()));
      cells.add(classes.get(o.prediction()));
      cells.add(number(o.confidence()));
      cells.add(number(Math.exp(-o.loss())));
      cells.add(o.place() + 1);
      cells.add(number(o.loss()));
      lines.append(Csv.line(cells)).append('\n');
    }
    write("misclassified.csv", lines.toString());
  }

  private void writeWorst(List<Outcome> mistakes, ImageDataset images, Inference how) {
    List<ImageGrid.Tile> tiles = new ArrayList<>();
    AugmentationSpec spec = AugmentationSpec.none(how.side()).withEvaluationCrop(how.crop());
    for (Outcome o : mistakes.subList(0, Math.min(WORST, mistakes.size()))) {
      try {
        Image image = SampleTransforms.evaluate(spec, images.read(o.index()), how.side());
        tiles.add(
            new ImageGrid.Tile(
                image.pixels(),
                how.side(),
                "is " + classes.get(o.label()),
                String.format(
                    Locale.ROOT, "%.0f%% %s", 100 * o.confidence(), classes.get(o.prediction()))));
      } catch (BrokenImageException e) {
        // It was readable a moment ago; the table still names it.
      }
    }
    if (tiles.isEmpty()) {
      remove("worst.png");
      return;
    }
    write(
        "worst.png",
        ImageGrid.draw("The worst of %d mistakes".formatted(mistakes.size()), tiles, COLUMNS));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.6f", value);
  }

  private void write(String name, String text) {
    write(name, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private void write(String name, byte[] bytes) {
    try {
      Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new UserError("cannot write " + folder.resolve(name), e);
    }
  }

  private void remove(String name) {
    try {
      Files.deleteIfExists(folder.resolve(name));
    } catch (IOException e) {
      throw new UserError("cannot replace " + folder.resolve(name), e);
    }
  }
}
