package org.efficienttrain.app.chart;

import java.awt.Color;

/** An image under colours of a coarse map: what a network looked at. */
public final class HeatMap {
  private static final double OPACITY = 0.5;

  /** Hue of 0 (blue) and of 1 (red). */
  private static final float COLD = 0.66f;

  private HeatMap() {}

  /**
   * Lays a map over an image.
   *
   * @param pixels RGB, row by row, {@code side * side * 3} bytes; left as they are
   * @param map {@code rows * rows} shares in 0..1, row by row, stretched over the image between the
   *     centres of its cells
   * @return pixels of the same size
   */
  public static byte[] over(byte[] pixels, int side, float[] map, int rows) {
    byte[] out = new byte[pixels.length];
    for (int i = 0; i < side * side; i++) {
      int column = i % side;
      int row = i / side;
      double share = at(map, rows, (column + 0.5) / side, (row + 0.5) / side);
      int colour = Color.HSBtoRGB((float) (COLD * (1 - share)), 1, 1);
      for (int c = 0; c < 3; c++) {
        int over = (colour >> (16 - 8 * c)) & 0xFF;
        double mixed = (1 - OPACITY) * (pixels[3 * i + c] & 0xFF) + OPACITY * over;
        out[3 * i + c] = (byte) Math.round(mixed);
      }
    }
    return out;
  }

  /** Bilinear between the centres of cells, the outermost ones repeated. */
  private static double at(float[] map, int rows, double x, double y) {
    double column = Math.max(0, Math.min(rows - 1, x * rows - 0.5));
    double row = Math.max(0, Math.min(rows - 1, y * rows - 0.5));
    int left = Math.min(rows - 1, (int) column);
    int top = Math.min(rows - 1, (int) row);
    int right = Math.min(rows - 1, left + 1);
    int bottom = Math.min(rows - 1, top + 1);
    double u = column - left;
    double v = row - top;
    return (1 - v) * ((1 - u) * map[top * rows + left] + u * map[top * rows + right])
        + v * ((1 - u) * map[bottom * rows + left] + u * map[bottom * rows + right]);
  }
}
