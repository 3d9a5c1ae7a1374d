package org.efficienttrain.app.report;

import static org.efficienttrain.app.runs.Values.number;
import static org.efficienttrain.app.runs.Values.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.efficienttrain.app.runs.RunView;
import org.efficienttrain.training.report.Durations;

/** The table of all runs beside each other. */
final class Comparison {
  private Comparison() {}

  /** The run that the others are compared with: the first without a curriculum, or the first. */
  static RunView baseline(List<RunView> runs) {
    return runs.stream()
        .filter(r -> text(r.recipe(), "curriculum").equals("none"))
        .findFirst()
        .orElse(runs.get(0));
  }

  static void write(Html html, List<RunView> runs) {
    RunView baseline = baseline(runs);
    html.open("table", "comparison");
    html.row(
        "th",
        List.of(
            "run",
            "state",
            "model",
            "curriculum",
            "accuracy",
            "top 5",
            "training",
            "speed-up",
            "predicted",
            "equivalent epochs",
            "steps"));
    for (RunView run : runs) {
      html.row("td", row(run, baseline));
    }
    html.close("table");
    if (runs.size() > 1) {
      html.text(
          "p",
          "note",
          "Speed-up: seconds of training of "
              + name(baseline)
              + " over those of the run, evaluations and checkpoints not counted. Predicted: by the"
              + " cost model of the plan.");
    }
  }

  private static List<String> row(RunView run, RunView baseline) {
    List<String> cells = new ArrayList<>();
    cells.add(name(run));
    cells.add(run.state().name().toLowerCase(Locale.ROOT));
    cells.add(text(run.recipe(), "model"));
    cells.add(text(run.recipe(), "curriculum"));
    cells.add(
        run.mainMetric().equals("accuracy")
            ? percent(run.mainValue())
            : "loss " + format("%.4f", run.mainValue()));
    cells.add(percent(number(run.summary(), "top5Accuracy")));
    cells.add(Double.isFinite(run.trainingSeconds()) ? Durations.text(run.trainingSeconds()) : "-");
    boolean comparable =
        run.state() == RunView.State.FINISHED
            && baseline.state() == RunView.State.FINISHED
            && text(run.recipe(), "model").equals(text(baseline.recipe(), "model"));
    cells.add(
        comparable ? format("%.2fx", baseline.trainingSeconds() / run.trainingSeconds()) : "-");
    cells.add(format("%.2fx", number(run.summary(), "predictedSpeedup")));
    cells.add(format("%.2f", run.metrics().equivalents().last()));
    cells.add(String.valueOf(run.metrics().lastStep()));
    return cells;
  }

  static String name(RunView run) {
    return run.folder().getFileName().toString();
  }

  static String percent(double share) {
    return format("%.2f%%", 100 * share);
  }

  /** A number in a format, a dash where there is none. */
  static String format(String pattern, double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, pattern, value) : "-";
  }
}
