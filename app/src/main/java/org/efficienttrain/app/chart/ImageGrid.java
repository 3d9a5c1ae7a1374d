package org.efficienttrain.app.chart;

import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/** Pictures side by side, each with two lines below it. */
public final class ImageGrid {
  private static final int SMALLEST = 112;
  private static final int GAP = 10;
  private static final int CAPTION = 34;
  private static final int TITLE = 34;

  private ImageGrid() {}

  /**
   * One picture.
   *
   * @param pixels RGB, row by row, {@code side * side * 3} bytes
   * @param side in pixels
   * @param first line below it
   * @param second line below it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Tile(byte[] pixels, int side, String first, String second) {}

  /**
   * Draws a grid, row by row; small pictures are enlarged by a whole factor.
   *
   * @param tiles at least one
   * @param columns at least 1
   * @return a PNG file
   */
  public static byte[] draw(String title, List<Tile> tiles, int columns) {
    int side = tiles.get(0).side();
    int shown = side * Math.max(1, (SMALLEST + side - 1) / side);
    int across = Math.min(columns, tiles.size());
    int down = (tiles.size() + across - 1) / across;
    int width = GAP + across * (shown + GAP);
    try (Canvas canvas = new Canvas(width, TITLE + down * (shown + CAPTION + GAP))) {
      canvas.pen.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
      canvas.font(14);
      canvas.pen.drawString(canvas.fitted(title, width - 2 * GAP), GAP, 22);
      canvas.font(11);
      for (int i = 0; i < tiles.size(); i++) {
        Tile tile = tiles.get(i);
        int x = GAP + i % across * (shown + GAP);
        int y = TITLE + i / across * (shown + CAPTION + GAP);
        canvas.pen.drawImage(image(tile.pixels(), tile.side()), x, y, shown, shown, null);
        canvas.pen.drawString(canvas.fitted(tile.first(), shown), x, y + shown + 14);
        canvas.pen.drawString(canvas.fitted(tile.second(), shown), x, y + shown + 28);
      }
      return canvas.png();
    }
  }

  private static BufferedImage image(byte[] pixels, int side) {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < side * side; i++) {
      int red = pixels[3 * i] & 0xFF;
      int green = pixels[3 * i + 1] & 0xFF;
      int blue = pixels[3 * i + 2] & 0xFF;
      image.setRGB(i % side, i / side, (red << 16) | (green << 8) | blue);
    }
    return image;
  }
}
