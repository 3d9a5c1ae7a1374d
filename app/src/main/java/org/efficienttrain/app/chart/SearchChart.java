package org.efficienttrain.app.chart;

import java.awt.Color;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Accuracy against compute of everything that a search tried, and the path it took. */
public final class SearchChart {
  private static final int WIDTH = 820;
  private static final int HEIGHT = 520;
  private static final int LEFT = 80;
  private static final int TOP = 58;
  private static final int NAME_HEIGHT = 12;
  private static final int LEGEND_HEIGHT = 16;

  /** Behind names, so that lines do not cross them out. */
  private static final Color HALO = new Color(255, 255, 255, 210);

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
   * @param decisions what was decided, in the order of the dots' numbers
   * @return a PNG file
   */
  public static byte[] draw(String title, List<String> decisions, List<Dot> all) {
    List<Dot> dots = all.stream().filter(d -> Double.isFinite(d.accuracy())).toList();
    try (Canvas canvas = new Canvas(WIDTH, HEIGHT)) {
      canvas.font(14);
      canvas.pen.drawString(canvas.fitted(title, WIDTH - LEFT - 20), LEFT, 28);
      if (dots.isEmpty()) {
        canvas.pen.drawString("nothing was trained", LEFT, TOP + 20);
        return canvas.png();
      }
      canvas.font(11);
      int top = legend(canvas, decisions);
      PlotArea area =
          new PlotArea(
              canvas,
              new int[] {LEFT, top, WIDTH - LEFT - 70, HEIGHT - top - 60},
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
      }
      names(canvas, area, dots);
      return canvas.png();
    }
  }

  /** Names to the right of the dots, from the top down, each below those that it would cover. */
  private static void names(Canvas canvas, PlotArea area, List<Dot> dots) {
    List<int[]> taken = new ArrayList<>();
    for (Dot dot : dots.stream().sorted(Comparator.comparing(Dot::accuracy).reversed()).toList()) {
      int x = area.right(dot.compute()) + 8;
      int[] place = {x, x + canvas.width(dot.name()), area.down(dot.accuracy()) + 4};
      for (int[] other : taken) {
        if (place[0] <= other[1] && other[0] <= place[1] && place[2] < other[2] + NAME_HEIGHT) {
          place[2] = other[2] + NAME_HEIGHT;
        }
      }
      taken.add(place);
      canvas.pen.setColor(HALO);
      canvas.pen.fillRect(place[0] - 1, place[2] - 9, place[1] - place[0] + 2, NAME_HEIGHT - 1);
      canvas.pen.setColor(PlotArea.colour(dot.decision()));
      canvas.pen.drawString(dot.name(), place[0], place[2]);
    }
  }

  /**
   * What the colours are, in as many lines below the title as they take.
   *
   * @return where the area below begins
   */
  private static int legend(Canvas canvas, List<String> decisions) {
    int x = LEFT;
    int y = TOP - 10;
    for (int i = 0; i < decisions.size(); i++) {
      int width = 28 + canvas.width(decisions.get(i));
      if (x > LEFT && x + width > WIDTH) {
        x = LEFT;
        y += LEGEND_HEIGHT;
      }
      canvas.pen.setColor(PlotArea.colour(i));
      canvas.pen.fillOval(x, y - 8, 7, 7);
      canvas.pen.drawString(decisions.get(i), x + 11, y);
      x += width;
    }
    return y + LEGEND_HEIGHT;
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
