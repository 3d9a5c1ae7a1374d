package org.efficienttrain.app.report;

import java.util.List;
import java.util.Map;
import org.efficienttrain.app.chart.LineChart;
import org.efficienttrain.app.runs.Axis;
import org.efficienttrain.app.runs.Curve;
import org.efficienttrain.app.runs.MetricsLog;
import org.efficienttrain.app.runs.RunView;

/** The charts of a report: every run a line. */
final class Curves {
  private Curves() {}

  /** Of an evaluation's figure, such as accuracy. */
  static LineChart evaluations(String title, List<RunView> runs, String metric, Axis axis) {
    LineChart chart = new LineChart(title, axis.words());
    for (int i = 0; i < runs.size(); i++) {
      MetricsLog metrics = runs.get(i).metrics();
      List<Map<String, Double>> all =
          metrics.evaluations().stream().filter(e -> e.containsKey(metric)).toList();
      double[] xy = new double[2 * all.size()];
      for (int k = 0; k < all.size(); k++) {
        xy[2 * k] = axis.of(metrics, all.get(k).get("step"));
        xy[2 * k + 1] = all.get(k).get(metric);
      }
      chart.dotted(runs.get(i).folder().getFileName().toString(), xy, i);
    }
    return chart;
  }

  /** Of what is logged at steps, such as the loss. */
  static LineChart steps(String title, List<RunView> runs, String curve, Axis axis) {
    LineChart chart = new LineChart(title, axis.words());
    boolean held = curve.equals("bandwidth") || curve.equals("magnitude");
    for (int i = 0; i < runs.size(); i++) {
      MetricsLog metrics = runs.get(i).metrics();
      double[] xy = metrics.curves().getOrDefault(curve, new Curve()).points();
      for (int k = 0; k < xy.length; k += 2) {
        xy[k] = axis.of(metrics, xy[k]);
      }
      String name = runs.get(i).folder().getFileName().toString();
      if (held) {
        chart.steps(name, xy, i);
      } else {
        chart.line(name, xy, i);
      }
    }
    return chart;
  }
}
