package org.efficienttrain.app.chart;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** A white picture to draw on, without a screen. */
final class Canvas implements AutoCloseable {
  static final Color INK = new Color(0x22, 0x22, 0x22);
  static final Color FAINT = new Color(0xdd, 0xdd, 0xdd);

  private final BufferedImage image;
  final Graphics2D pen;

  Canvas(int width, int height) {
    System.setProperty("java.awt.headless", "true");
    image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    pen = image.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    pen.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, width, height);
    pen.setColor(INK);
    font(12);
  }

  void font(int size) {
    pen.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, size));
  }

  /** Width of a text in the present font, in pixels. */
  int width(String text) {
    return pen.getFontMetrics().stringWidth(text);
  }

  /** A text cut to a width, with an ellipsis where it is cut. */
  String fitted(String text, int width) {
    FontMetrics metrics = pen.getFontMetrics();
    if (metrics.stringWidth(text) <= width) {
      return text;
    }
    int length = text.length();
    while (length > 0 && metrics.stringWidth(text.substring(0, length) + "…") > width) {
      length--;
    }
    return text.substring(0, length) + "…";
  }

  /** A text whose right end is at x. */
  void textTo(String text, int x, int y) {
    pen.drawString(text, x - width(text), y);
  }

  /** A text around x. */
  void textAround(String text, int x, int y) {
    pen.drawString(text, x - width(text) / 2, y);
  }

  /** A text from the bottom up, its start at (x, y). */
  void textUp(String text, int x, int y) {
    pen.rotate(-Math.PI / 2, x, y);
    pen.drawString(text, x, y);
    pen.rotate(Math.PI / 2, x, y);
  }

  byte[] png() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return out.toByteArray();
  }

  @Override
  public void close() {
    pen.dispose();
  }
}
