package org.efficienttrain.app.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import org.efficienttrain.app.chart.LineChart;
import org.efficienttrain.app.runs.Axis;
import org.efficienttrain.app.runs.RunView;
import org.efficienttrain.training.UserError;

/** Writes one HTML file about runs, with everything in it. */
public final class ReportWriter {
  private ReportWriter() {}

  /**
   * Writes the report.
   *
   * @param folders of runs, at least one
   * @throws UserError if the file cannot be written
   */
  public static void write(List<Path> folders, Path file) {
    List<RunView> runs = folders.stream().map(RunView::new).toList();
    runs.forEach(RunView::refresh);
    try {
      if (file.toAbsolutePath().getParent() != null) {
        Files.createDirectories(file.toAbsolutePath().getParent());
      }
      Files.writeString(file, page(runs), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UserError("cannot write the report " + file + ": " + e.getMessage(), e);
    }
  }

  static String page(List<RunView> runs) {
    String title = runs.size() == 1 ? "Run " + runs.get(0).name() : runs.size() + " runs";
    Html html = new Html();
    html.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    html.text("title", title).open("style").raw(style()).close("style").close("head");
    html.open("body");
    html.text("h1", title);
    html.text(
        "p", "note", "EfficientTrain for Java, report of " + LocalDate.now(ZoneId.systemDefault()));
    Comparison.write(html, runs);
    html.open("div", "charts");
    for (LineChart chart : charts(runs)) {
      if (!chart.isEmpty()) {
        html.raw(chart.toSvg());
      }
    }
    html.close("div");
    for (RunView run : runs) {
      new RunSection(run, html).write();
    }
    return html.close("body").close("html").toString();
  }

  private static List<LineChart> charts(List<RunView> runs) {
    return List.of(
        Curves.evaluations("Validation accuracy over time", runs, "accuracy", Axis.MINUTES)
            .inPercent(),
        Curves.evaluations("Validation accuracy over compute", runs, "accuracy", Axis.EQUIVALENT)
            .inPercent(),
        Curves.evaluations(
                "Accuracy of nearest neighbours over compute", runs, "knnAccuracy", Axis.EQUIVALENT)
            .inPercent(),
        Curves.evaluations("Validation loss over compute", runs, "loss", Axis.EQUIVALENT),
        Curves.steps("Training loss over compute", runs, "loss", Axis.EQUIVALENT),
        Curves.steps("Learning rate", runs, "learningRate", Axis.EPOCHS),
        Curves.steps("Bandwidth B", runs, "bandwidth", Axis.EPOCHS),
        Curves.steps("Magnitude m", runs, "magnitude", Axis.EPOCHS),
        Curves.steps("Images per second", runs, "imagesPerSecond", Axis.EPOCHS),
        Curves.steps("Share of time waiting for images", runs, "waitingShare", Axis.EPOCHS)
            .inPercent());
  }

  private static String style() {
    try (InputStream in = ReportWriter.class.getResourceAsStream("report.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
