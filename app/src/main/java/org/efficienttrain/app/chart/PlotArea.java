package org.efficienttrain.app.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.Locale;

/** Axes in a part of a canvas, and what is drawn between them. */
final class PlotArea {
  private static final int TICKS = 6;

  private final Canvas canvas;
  private final int left;
  private final int top;
  private final int width;
  private final int height;
  private final double[] x;
  private final double[] y;

  /**
   * @param place left, top, width and height in pixels
   * @param x lowest and highest value across
   * @param y lowest and highest value up
   */
  PlotArea(Canvas canvas, int[] place, double[] x, double[] y) {
    this.canvas = canvas;
    this.left = place[0];
    this.top = place[1];
    this.width = place[2];
    this.height = place[3];
    this.x = x;
    this.y = y;
  }

  /** A colour of a chart's line. */
  static Color colour(int index) {
    return Color.decode(LineChart.colour(index));
  }

  /** Grid, numbers and names of the axes. */
  void axes(String across, String up, boolean percent) {
    canvas.font(11);
    for (double tick : Ticks.of(y[0], y[1], TICKS)) {
      canvas.pen.setColor(Canvas.FAINT);
      canvas.pen.drawLine(left, down(tick), left + width, down(tick));
      canvas.pen.setColor(Canvas.INK);
      String text =
          percent ? String.format(Locale.ROOT, "%s%%", Ticks.text(100 * tick)) : Ticks.text(tick);
      canvas.textTo(text, left - 6, down(tick) + 4);
    }
    canvas.pen.setColor(Canvas.INK);
    for (double tick : Ticks.of(x[0], x[1], TICKS)) {
      canvas.textAround(Ticks.text(tick), right(tick), top + height + 16);
    }
    canvas.textAround(across, left + width / 2, top + height + 34);
    canvas.textUp(up, left - 44, top + (height + canvas.width(up)) / 2);
  }

  int right(double value) {
    return left + (int) Math.round((value - x[0]) / (x[1] - x[0]) * width);
  }

  int down(double value) {
    return top + height - (int) Math.round((value - y[0]) / (y[1] - y[0]) * height);
  }

  void line(double x1, double y1, double x2, double y2, float thickness) {
    canvas.pen.setStroke(new BasicStroke(thickness, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND));
    canvas.pen.drawLine(right(x1), down(y1), right(x2), down(y2));
    canvas.pen.setStroke(new BasicStroke(1));
  }

  void dot(double atX, double atY, int radius) {
    canvas.pen.fillOval(right(atX) - radius, down(atY) - radius, 2 * radius, 2 * radius);
  }
}
