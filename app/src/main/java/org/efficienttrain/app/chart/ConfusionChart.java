package org.efficienttrain.app.chart;

import java.awt.Color;
import java.util.List;
import java.util.Locale;

/** A matrix of classes: rows are the right ones, columns what they were taken for. */
public final class ConfusionChart {
  private static final Color RIGHT = new Color(0x00, 0x72, 0xb2);
  private static final Color WRONG = new Color(0xd5, 0x5e, 0x00);

  /** With more classes, names and numbers would not be legible. */
  private static final int MOST_NAMED = 60;

  private static final int LARGEST_CELL = 44;
  private static final int LONGEST_NAME = 150;
  private static final int MARGIN = 14;
  private static final int TITLE = 34;

  private final List<String> names;

  /** Of classes with these names. */
  public ConfusionChart(List<String> names) {
    this.names = names;
  }

  /**
   * Draws numbers of images.
   *
   * @param counts row by row
   * @return a PNG file
   */
  public byte[] counts(String title, long[][] counts) {
    double[][] shades = new double[counts.length][];
    for (int row = 0; row < counts.length; row++) {
      double sum = Math.max(1, java.util.Arrays.stream(counts[row]).sum());
      shades[row] = java.util.Arrays.stream(counts[row]).mapToDouble(n -> n / sum).toArray();
    }
    return draw(title, shades, (r, c) -> counts[r][c] == 0 ? "" : String.valueOf(counts[r][c]));
  }

  /**
   * Draws shares of the images of each class.
   *
   * @param shares row by row, 0 to 1
   * @return a PNG file
   */
  public byte[] shares(String title, double[][] shares) {
    return draw(
        title,
        shares,
        (r, c) -> shares[r][c] == 0 ? "" : String.format(Locale.ROOT, "%.0f", 100 * shares[r][c]));
  }

  @FunctionalInterface
  private interface Label {
    String of(int row, int column);
  }

  private byte[] draw(String title, double[][] shades, Label label) {
    int n = names.size();
    boolean named = n <= MOST_NAMED;
    int cell = named ? Math.max(18, Math.min(LARGEST_CELL, 900 / n)) : Math.max(1, 1200 / n);
    int left = MARGIN + (named ? longestName() + 8 : 0);
    int top = TITLE + (named ? longestName() + 8 : 0);
    int width = Math.max(left + n * cell + MARGIN, 380);
    try (Canvas canvas = new Canvas(width, top + n * cell + MARGIN)) {
      canvas.font(14);
      canvas.pen.drawString(canvas.fitted(title, width - 2 * MARGIN), MARGIN, 22);
      canvas.font(cell < 24 ? 9 : 12);
      for (int row = 0; row < n; row++) {
        for (int column = 0; column < n; column++) {
          int x = left + column * cell;
          int y = top + row * cell;
          cell(canvas, shades[row][column], row == column, x, y, cell);
          if (named) {
            canvas.pen.setColor(shades[row][column] > 0.6 ? Color.WHITE : Canvas.INK);
            canvas.textAround(label.of(row, column), x + cell / 2, y + cell / 2 + 4);
          }
        }
        if (named) {
          name(canvas, row, left, top, cell);
        }
      }
      return canvas.png();
    }
  }

  private static void cell(Canvas canvas, double share, boolean diagonal, int x, int y, int side) {
    Color full = diagonal ? RIGHT : WRONG;
    double strength = diagonal ? share : Math.min(1, 2 * share);
    canvas.pen.setColor(
        new Color(
            fade(full.getRed(), strength),
            fade(full.getGreen(), strength),
            fade(full.getBlue(), strength)));
    canvas.pen.fillRect(x, y, side, side);
    if (side > 4) {
      canvas.pen.setColor(Canvas.FAINT);
      canvas.pen.drawRect(x, y, side, side);
    }
  }

  private static int fade(int channel, double strength) {
    return (int) Math.round(255 + strength * (channel - 255));
  }

  private void name(Canvas canvas, int i, int left, int top, int cell) {
    canvas.pen.setColor(Canvas.INK);
    String name = canvas.fitted(names.get(i), LONGEST_NAME);
    canvas.textTo(name, left - 6, top + i * cell + cell / 2 + 4);
    canvas.textUp(name, left + i * cell + cell / 2 + 4, top - 6);
  }

  private int longestName() {
    try (Canvas any = new Canvas(1, 1)) {
      return names.stream()
          .mapToInt(any::width)
          .map(w -> Math.min(w, LONGEST_NAME))
          .max()
          .orElse(0);
    }
  }
}
