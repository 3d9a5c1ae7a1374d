package org.efficienttrain.app.dashboard;

import static org.efficienttrain.app.runs.Values.number;
import static org.efficienttrain.app.runs.Values.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.efficienttrain.app.runs.Axis;
import org.efficienttrain.app.runs.Curve;
import org.efficienttrain.app.runs.MetricsLog;
import org.efficienttrain.app.runs.RunFiles;
import org.efficienttrain.app.runs.RunView;
import org.efficienttrain.app.runs.SampleNames;

/** What the page is told about a run, as maps that become JSON. */
final class RunJson {
  private RunJson() {}

  /** An entry of the list. */
  static Map<String, Object> entry(String id, RunView run) {
    MetricsLog metrics = run.metrics();
    double step = metrics.lastStep() > 0 ? metrics.lastStep() : number(run.summary(), "steps");
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("id", id);
    out.put("name", run.name());
    out.put("state", run.state().name().toLowerCase(Locale.ROOT));
    out.put("model", text(run.recipe(), "model"));
    out.put("curriculum", text(run.recipe(), "curriculum"));
    out.put("mainName", run.mainMetric());
    out.put("main", exact(run.mainValue()));
    out.put("step", Double.isFinite(step) ? step : 0);
    out.put("totalSteps", exact(run.totalSteps()));
    out.put("phase", phase(run, step));
    out.put("bandwidth", last(metrics, "bandwidth"));
    out.put("magnitude", last(metrics, "magnitude"));
    out.put("rate", last(metrics, "imagesPerSecond"));
    out.put("waiting", last(metrics, "waitingShare"));
    out.put("trainingSeconds", exact(run.trainingSeconds()));
    out.put("secondsLeft", exact(run.secondsLeft()));
    out.put("notes", run.notes());
    return out;
  }

  private static Object last(MetricsLog metrics, String curve) {
    return exact(metrics.curves().getOrDefault(curve, new Curve()).last());
  }

  /** Number of the phase that the next step belongs to, from 0; -1 unknown. */
  private static int phase(RunView run, double step) {
    List<Map<String, Object>> phases = run.phases();
    for (int i = 0; i < phases.size(); i++) {
      if (step < number(phases.get(i), "firstStep") + number(phases.get(i), "steps")) {
        return i;
      }
    }
    return phases.size() - 1;
  }

  /**
   * Everything about a run that the page draws.
   *
   * @param buckets of points in a curve
   */
  static Map<String, Object> detail(RunView run, Axis axis, int buckets) {
    MetricsLog metrics = run.metrics();
    Map<String, Object> curves = new LinkedHashMap<>();
    metrics
        .curves()
        .forEach((name, curve) -> curves.put(name, points(metrics, curve, axis, buckets)));
    Map<String, Curve> results = new LinkedHashMap<>();
    for (Map<String, Double> evaluation : metrics.evaluations()) {
      evaluation.forEach(
          (name, value) ->
              results.computeIfAbsent(name, n -> new Curve()).add(evaluation.get("step"), value));
    }
    Map<String, Object> evaluations = new LinkedHashMap<>();
    results.forEach((name, curve) -> evaluations.put(name, points(metrics, curve, axis, buckets)));
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("curves", curves);
    out.put("evaluations", evaluations);
    out.put("phases", run.phases());
    out.put("samples", samples(run.folder()));
    return out;
  }

  private static Map<String, Object> points(
      MetricsLog metrics, Curve curve, Axis axis, int buckets) {
    double[] xy = curve.thinned(buckets).points();
    List<Number> x = new ArrayList<>(xy.length / 2);
    List<Number> y = new ArrayList<>(xy.length / 2);
    double before = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < xy.length; i += 2) {
      double at = axis.of(metrics, xy[i]);
      if (at >= before) {
        x.add(exact(at));
        y.add(exact(xy[i + 1]));
        before = at;
      }
    }
    return Map.of("x", x, "y", y);
  }

  private static List<Map<String, Object>> samples(Path run) {
    List<Map<String, Object>> out = new ArrayList<>();
    for (String name : RunFiles.pictures(run)) {
      Map<String, Object> sample = new LinkedHashMap<>();
      sample.put("name", name);
      sample.put("caption", SampleNames.caption(name));
      sample.put("stage", SampleNames.stage(name) == 0 ? null : SampleNames.stage(name));
      sample.put("version", modified(RunFiles.path(run, name)));
      out.add(sample);
    }
    return out;
  }

  private static long modified(Path file) {
    try {
      return Files.getLastModifiedTime(file).toMillis();
    } catch (IOException e) {
      return 0;
    }
  }

  /** A number to seven digits, which is what a screen can show; null for what is none. */
  static Number exact(double value) {
    if (!Double.isFinite(value)) {
      return null;
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return (long) value;
    }
    double scale = Math.pow(10, 6 - Math.floor(Math.log10(Math.abs(value))));
    double rounded = Math.rint(value * scale) / scale;
    return Double.isFinite(rounded) ? rounded : value;
  }
}
