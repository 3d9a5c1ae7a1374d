package org.efficienttrain.app.chart;

import java.util.List;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.TrainingPlan;

/** Bandwidth and magnitude of plans, over epochs and over compute. */
public final class CurriculumChart {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 620;
  private static final int LEFT = 70;
  private static final int PLOT_WIDTH = 350;
  private static final int PLOT_HEIGHT = 200;
  private static final int GAP = 450;
  private static final int TOP = 70;
  private static final int LOWER = 350;

  private CurriculumChart() {}

  /**
   * Draws plans over each other.
   *
   * @param plans one or more, of one image size
   * @return a PNG file
   */
  public static byte[] draw(List<TrainingPlan> plans) {
    try (Canvas canvas = new Canvas(WIDTH, HEIGHT)) {
      canvas.font(14);
      int x = LEFT;
      for (int i = 0; i < plans.size(); i++) {
        canvas.pen.setColor(PlotArea.colour(i));
        String name = canvas.fitted(plans.get(i).curriculum().name(), WIDTH / 2 - LEFT);
        canvas.pen.drawString(name, x, 28);
        x += canvas.width(name) + 40;
      }
      double epochs = plans.stream().mapToDouble(TrainingPlan::dataEpochs).max().orElseThrow();
      double compute =
          plans.stream().mapToDouble(TrainingPlan::equivalentEpochs).max().orElseThrow();
      double size = plans.get(0).curriculum().imageSize();
      for (boolean overCompute : new boolean[] {false, true}) {
        double end = overCompute ? compute : epochs;
        int left = LEFT + (overCompute ? GAP : 0);
        String across = overCompute ? "compute (epochs at full bandwidth)" : "passes over the data";
        PlotArea upper = area(canvas, left, TOP, end, size * 1.05);
        upper.axes(across, "bandwidth B in pixels", false);
        PlotArea lower = area(canvas, left, LOWER, end, 10);
        lower.axes(across, "magnitude m", false);
        for (int i = 0; i < plans.size(); i++) {
          canvas.pen.setColor(PlotArea.colour(i));
          steps(plans.get(i), overCompute, upper, lower);
        }
      }
      return canvas.png();
    }
  }

  private static PlotArea area(Canvas canvas, int left, int top, double end, double highest) {
    return new PlotArea(
        canvas,
        new int[] {left, top, PLOT_WIDTH, PLOT_HEIGHT},
        new double[] {0, end},
        new double[] {0, highest});
  }

  private static void steps(
      TrainingPlan plan, boolean overCompute, PlotArea upper, PlotArea lower) {
    double all = plan.equivalentEpochs();
    Phase before = null;
    for (Phase phase : plan.phases()) {
      double start = phase.firstEpoch();
      double end = phase.endEpoch();
      if (overCompute) {
        start = all - plan.equivalentEpochsFrom(phase.firstStep());
        end = all - plan.equivalentEpochsFrom(phase.endStep());
      }
      upper.line(start, phase.bandwidth(), end, phase.bandwidth(), 2.5f);
      lower.line(start, phase.magnitude(), end, phase.magnitude(), 2.5f);
      if (before != null) {
        upper.line(start, before.bandwidth(), start, phase.bandwidth(), 1);
        lower.line(start, before.magnitude(), start, phase.magnitude(), 1);
      }
      before = phase;
    }
  }
}
