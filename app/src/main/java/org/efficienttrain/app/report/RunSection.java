package org.efficienttrain.app.report;

import static org.efficienttrain.app.report.Comparison.format;
import static org.efficienttrain.app.runs.Values.map;
import static org.efficienttrain.app.runs.Values.maps;
import static org.efficienttrain.app.runs.Values.number;
import static org.efficienttrain.app.runs.Values.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.efficienttrain.app.chart.Markup;
import org.efficienttrain.app.runs.RunFiles;
import org.efficienttrain.app.runs.RunView;
import org.efficienttrain.app.runs.SampleNames;
import org.efficienttrain.training.report.Durations;

/** What a report says about one run. */
final class RunSection {
  private final RunView run;
  private final Html html;

  RunSection(RunView run, Html html) {
    this.run = run;
    this.html = html;
  }

  void write() {
    html.open("section");
    html.text("h2", Comparison.name(run));
    for (String note : run.notes()) {
      html.text("p", "note", "Note: " + note + ".");
    }
    String message = text(map(run.card(), "ended"), "message");
    if (!message.isEmpty()) {
      html.text("p", "note", "It ended so: " + message);
    }
    plan();
    samples();
    new ClassSection(run.folder(), html).write();
    recipe();
    origin();
    html.close("section");
  }

  /** The stages as a bar and as a table with what they took. */
  private void plan() {
    List<Map<String, Object>> stages = maps(run.summary(), "stages");
    List<Map<String, Object>> phases = run.phases();
    if (phases.isEmpty() && stages.isEmpty()) {
      return;
    }
    html.text("h3", "Plan");
    if (!phases.isEmpty()) {
      html.raw(bar(phases));
    }
    html.open("table");
    html.row(
        "th",
        List.of(
            "stage", "B", "m", "epochs of data", "steps", "batch", "images", "images/s", "time"));
    for (int i = 0; i < Math.max(phases.size(), stages.size()); i++) {
      Map<String, Object> phase = i < phases.size() ? phases.get(i) : Map.of();
      Map<String, Object> stage = i < stages.size() ? stages.get(i) : Map.of();
      Map<String, Object> either = phase.isEmpty() ? stage : phase;
      double seconds = number(stage, "seconds");
      html.row(
          "td",
          List.of(
              String.valueOf(i + 1),
              format("%.0f", number(either, "bandwidth")),
              format("%.1f", number(either, "magnitude")),
              format("%.2f", number(phase, "epochs")),
              format("%.0f", number(phase, "steps")),
              format("%.0f", number(phase, "batchSize")),
              format("%.0f", number(stage, "images")),
              format("%.0f", number(stage, "imagesPerSecond")),
              Double.isFinite(seconds) ? Durations.text(seconds) : "-"));
    }
    html.close("table");
  }

  /** A bar whose parts are as wide as their steps and as high as their bandwidth. */
  private static String bar(List<Map<String, Object>> phases) {
    double total = 0;
    double top = 1;
    for (Map<String, Object> phase : phases) {
      total += number(phase, "steps");
      top = Math.max(top, number(phase, "bandwidth"));
    }
    StringBuilder svg =
        new StringBuilder(
            "<svg class=\"bar\" viewBox=\"0 0 800 86\" role=\"img\" aria-label=\"stages\">");
    double from = 0;
    for (Map<String, Object> phase : phases) {
      double width = 800 * number(phase, "steps") / total;
      double height = 60 * number(phase, "bandwidth") / top;
      if (!Double.isFinite(width) || !Double.isFinite(height)) {
        return "";
      }
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#0072b2\" fill-opacity=\"%.2f\"/>",
              from,
              62 - height,
              Math.max(0.5, width - 1),
              height,
              0.35 + 0.6 * Math.min(1, Math.max(0, number(phase, "magnitude")) / 10)));
      if (width > 60) {
        svg.append(
            String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"78\" text-anchor=\"middle\">B %.0f, m %.1f</text>",
                from + width / 2,
                number(phase, "bandwidth"),
                number(phase, "magnitude")));
      }
      from += width;
    }
    return svg.append("</svg>").toString();
  }

  private void samples() {
    List<String> names = RunFiles.pictures(run.folder());
    List<byte[]> files = new ArrayList<>();
    for (String name : names) {
      try {
        files.add(RunFiles.picture(run.folder(), name));
      } catch (IOException e) {
        files.add(null);
      }
    }
    if (files.stream().allMatch(f -> f == null)) {
      return;
    }
    html.text("h3", "What the network sees");
    html.open("div", "samples");
    for (int i = 0; i < names.size(); i++) {
      if (files.get(i) != null) {
        html.picture(files.get(i), "png", SampleNames.caption(names.get(i)), "sample");
      }
    }
    html.close("div");
  }

  private void recipe() {
    if (run.recipe().isEmpty()) {
      return;
    }
    html.text("h3", "Recipe");
    html.open("div", "recipe");
    run.recipe()
        .forEach(
            (key, value) -> {
              html.open("div");
              html.text("b", key);
              html.text("span", " " + text(run.recipe(), key));
              html.close("div");
            });
    html.close("div");
  }

  /** Machine, versions, the command that repeats the run. */
  private void origin() {
    Map<String, Object> card = run.card();
    Map<String, Object> machine = map(card, "machine");
    Map<String, Object> versions = map(card, "versions");
    Map<String, Object> data = map(card, "data");
    if (card.isEmpty()) {
      return;
    }
    html.text("h3", "Where and how");
    html.open("table", "origin");
    row("command", text(card, "command"));
    row(
        "images",
        format("%.0f to train on", number(data, "trainingImages"))
            + format(", %.0f to measure on", number(data, "validationImages")));
    row("started", run.started());
    row(
        "machine",
        "%s, %s cores, %s of memory, on %s"
            .formatted(
                text(machine, "processor"),
                text(machine, "cores"),
                format("%.0f GB", number(machine, "memoryBytes") / 1e9),
                text(machine, "device")));
    versions.forEach((name, version) -> row(name, text(versions, name)));
    html.close("table");
    html.text("p", "note", "The file recipe.yaml in the run's folder repeats it exactly:");
    html.text(
        "pre",
        "./et "
            + verb()
            + " --data DATA --recipe "
            + run.folder().resolve("recipe.yaml")
            + " --out OUT");
  }

  /** The command that makes runs of this kind. */
  private String verb() {
    String command = text(run.card(), "command");
    if (command.startsWith("./et finetune ")) {
      return "finetune --from FROM";
    }
    return command.startsWith("./et pretrain ") ? "pretrain" : "train";
  }

  private void row(String name, String value) {
    if (!value.isBlank()) {
      html.raw("<tr><th>" + Markup.escape(name) + "</th>").text("td", value).close("tr");
    }
  }
}
