package org.efficienttrain.app.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import java.util.Locale;

/** How often a network is right when it is so sure: a bar for each bin of confidence. */
public final class ReliabilityChart {
  private static final Color BAR = new Color(0x00, 0x72, 0xb2);
  private static final Color GAP = new Color(0xd5, 0x5e, 0x00, 0x70);
  private static final int SIDE = 400;
  private static final int LEFT = 60;
  private static final int TOP = 40;
  private static final int BELOW = 110;
  private static final int HISTOGRAM = 50;

  private ReliabilityChart() {}

  /**
   * One bar.
   *
   * @param images how many it stands for
   * @param confidence their mean confidence, 0 to 1
   * @param accuracy share of them that were right, 0 to 1
   */
  public record Bar(long images, double confidence, double accuracy) {}

  /**
   * Draws bars over equal parts of confidence, and below how many images each has.
   *
   * @return a PNG file
   */
  public static byte[] draw(String title, List<Bar> bars) {
    try (Canvas canvas = new Canvas(LEFT + SIDE + 30, TOP + SIDE + BELOW)) {
      canvas.font(14);
      canvas.pen.drawString(title, LEFT, 24);
      canvas.font(12);
      axes(canvas);
      long most = Math.max(1, bars.stream().mapToLong(Bar::images).max().orElse(1));
      for (int i = 0; i < bars.size(); i++) {
        int x = LEFT + i * SIDE / bars.size();
        int width = LEFT + (i + 1) * SIDE / bars.size() - x - 1;
        bar(canvas, bars.get(i), x, width);
        int height = (int) Math.round((double) HISTOGRAM * bars.get(i).images() / most);
        canvas.pen.setColor(Canvas.INK);
        canvas.pen.fillRect(x, TOP + SIDE + 96 - height, width, height);
      }
      canvas.pen.setColor(Color.GRAY);
      canvas.pen.setStroke(
          new BasicStroke(
              1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 5, new float[] {6}, 0));
      canvas.pen.drawLine(LEFT, TOP + SIDE, LEFT + SIDE, TOP);
      return canvas.png();
    }
  }

  private static void bar(Canvas canvas, Bar bar, int x, int width) {
    if (bar.images() == 0) {
      return;
    }
    int accuracy = (int) Math.round(SIDE * bar.accuracy());
    int confidence = (int) Math.round(SIDE * bar.confidence());
    canvas.pen.setColor(BAR);
    canvas.pen.fillRect(x, TOP + SIDE - accuracy, width, accuracy);
    canvas.pen.setColor(GAP);
    canvas.pen.fillRect(
        x, TOP + SIDE - Math.max(accuracy, confidence), width, Math.abs(accuracy - confidence));
  }

  private static void axes(Canvas canvas) {
    for (int tick = 0; tick <= 10; tick += 2) {
      int at = SIDE * tick / 10;
      canvas.pen.setColor(Canvas.FAINT);
      canvas.pen.drawLine(LEFT, TOP + SIDE - at, LEFT + SIDE, TOP + SIDE - at);
      canvas.pen.setColor(Canvas.INK);
      String text = String.format(Locale.ROOT, "%d%%", 10 * tick);
      canvas.textTo(text, LEFT - 6, TOP + SIDE - at + 4);
      canvas.textAround(text, LEFT + at, TOP + SIDE + 16);
    }
    canvas.textAround("confidence (below: images)", LEFT + SIDE / 2, TOP + SIDE + 34);
    canvas.textUp("right", 14, TOP + SIDE / 2);
  }
}
