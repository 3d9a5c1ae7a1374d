package org.efficienttrain.app.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;

/** Draws on a {@link Canvas}, two pixels for each unit. */
final class PngSurface implements Surface, AutoCloseable {
  private static final int SCALE = 2;
  private static final double DOT = 2.5;

  private final Canvas canvas;

  PngSurface(int width, int height) {
    canvas = new Canvas(SCALE * width, SCALE * height);
    canvas.pen.scale(SCALE, SCALE);
    canvas.pen.setRenderingHint(
        RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
  }

  @Override
  public void text(Text kind, double x, double y, String text) {
    canvas.font(kind == Text.TITLE ? 14 : 11);
    if (kind == Text.TITLE) {
      canvas.pen.setFont(canvas.pen.getFont().deriveFont(Font.BOLD));
    }
    canvas.pen.setColor(kind == Text.TITLE || kind == Text.KEY ? Canvas.INK : Color.GRAY);
    double left =
        switch (kind) {
          case TITLE, KEY -> x;
          case ACROSS -> x - canvas.width(text) / 2.0;
          case BESIDE -> x - canvas.width(text);
        };
    canvas.pen.drawString(text, (float) left, (float) y);
  }

  @Override
  public void grid(double x1, double y1, double x2, double y2) {
    canvas.pen.setStroke(new BasicStroke(0.7f));
    canvas.pen.setColor(Canvas.FAINT);
    canvas.pen.draw(new Line2D.Double(x1, y1, x2, y2));
  }

  @Override
  public void mark(double x1, double y1, double x2, double y2) {
    float[] dashes = {5, 4};
    canvas.pen.setStroke(
        new BasicStroke(1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 5, dashes, 0));
    canvas.pen.setColor(Canvas.INK);
    canvas.pen.draw(new Line2D.Double(x1, y1, x2, y2));
  }

  @Override
  public void path(double[] xy, String colour, double width) {
    if (xy.length == 0) {
      return;
    }
    Path2D path = new Path2D.Double();
    path.moveTo(xy[0], xy[1]);
    for (int i = 2; i < xy.length; i += 2) {
      path.lineTo(xy[i], xy[i + 1]);
    }
    canvas.pen.setStroke(
        new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    canvas.pen.setColor(Color.decode(colour));
    canvas.pen.draw(path);
  }

  @Override
  public void dots(double[] xy, String colour) {
    canvas.pen.setColor(Color.decode(colour));
    for (int i = 0; i < xy.length; i += 2) {
      canvas.pen.fill(new Ellipse2D.Double(xy[i] - DOT, xy[i + 1] - DOT, 2 * DOT, 2 * DOT));
    }
  }

  byte[] file() {
    return canvas.png();
  }

  @Override
  public void close() {
    canvas.close();
  }
}
