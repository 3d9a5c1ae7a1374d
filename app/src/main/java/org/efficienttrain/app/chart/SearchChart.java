package org.efficienttrain.app.chart;

import java.awt.Color;
import java.util.List;

/** Accuracy against compute of everything that a search tried, and the path it took. */
public final class SearchChart {
  private static final int WIDTH = 820;
  private static final int HEIGHT = 520;
  private static final int LEFT = 80;
  private static final int TOP = 50;

  private SearchChart() {}

  /**
   * A candidate of a decision.
   *
   * @param name beside the dot
   * @param compute of a run, in epochs at full bandwidth
   * @param accuracy mean, 0 to 1
   * @param error standard error of the mean; NaN where unknown
   * @param decision number of the decision, from 0: its colour
   * @param taken whether the path goes through it
   */
  public record Dot(
      String name, double compute, double accuracy, double error, int decision, boolean taken) {}

  /**
   * Draws dots, those that were taken joined in order.
   *
   * @return a PNG file
   */
  public static byte[] draw(String title, List<Dot> all) {
    List<Dot> dots = all.stream().filter(d -> Double.isFinite(d.accuracy())).toList();
    try (Canvas canvas = new Canvas(WIDTH, HEIGHT)) {
      canvas.font(14);
      canvas.pen.drawString(canvas.fitted(title, WIDTH - LEFT - 20), LEFT, 28);
      if (dots.isEmpty()) {
        canvas.pen.drawString("nothing was trained", LEFT, TOP + 20);
        return canvas.png();
      }
      PlotArea area =
          new PlotArea(
              canvas,
              new int[] {LEFT, TOP, WIDTH - LEFT - 70, HEIGHT - TOP - 60},
              range(dots.stream().mapToDouble(Dot::compute).toArray(), 0.05),
              range(
                  dots.stream()
                      .flatMapToDouble(
                          d ->
                              java.util.stream.DoubleStream.of(
                                  d.accuracy() - error(d), d.accuracy() + error(d)))
                      .toArray(),
                  0.01));
      area.axes("compute of a run (epochs at full bandwidth)", "accuracy", true);
      path(canvas, area, dots);
      for (Dot dot : dots) {
        canvas.pen.setColor(PlotArea.colour(dot.decision()));
        area.line(
            dot.compute(),
            dot.accuracy() - error(dot),
            dot.compute(),
            dot.accuracy() + error(dot),
            1);
        area.dot(dot.compute(), dot.accuracy(), dot.taken() ? 5 : 3);
        area.name(dot.name(), dot.compute(), dot.accuracy());
      }
      return canvas.png();
    }
  }

  private static double error(Dot dot) {
    return Double.isNaN(dot.error()) ? 0 : dot.error();
  }

  private static void path(Canvas canvas, PlotArea area, List<Dot> dots) {
    canvas.pen.setColor(new Color(0x99, 0x99, 0x99));
    Dot before = null;
    for (Dot dot : dots) {
      if (dot.taken()) {
        if (before != null) {
          area.line(before.compute(), before.accuracy(), dot.compute(), dot.accuracy(), 1.5f);
        }
        before = dot;
      }
    }
  }

  /** Lowest and highest value with a margin. */
  private static double[] range(double[] values, double least) {
    double low = java.util.Arrays.stream(values).min().orElseThrow();
    double high = java.util.Arrays.stream(values).max().orElseThrow();
    double margin = Math.max(least, 0.08 * (high - low));
    return new double[] {low - margin, high + margin};
  }
}
