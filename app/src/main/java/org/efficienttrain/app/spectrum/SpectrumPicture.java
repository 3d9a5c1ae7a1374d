package org.efficienttrain.app.spectrum;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.Stage;

/**
 * Draws images, spectra and crops side by side: one picture of all bandwidths, or one frame for
 * each stage of a curriculum.
 */
public final class SpectrumPicture {
  static final int GAP = 16;
  private static final int CAPTION = 40;
  private static final int BAR = 26;
  private static final Color PAPER = Color.WHITE;
  private static final Color INK = new Color(0x1b1f24);
  private static final Color SOFT = new Color(0x636c76);

  /** One for each bandwidth, from the smallest; bright enough for the spectrum behind. */
  private static final Color[] SQUARES = {
    new Color(0x35c6ff), new Color(0x57e08b), new Color(0xffe45c), new Color(0xff8fd8)
  };

  private final List<Integer> bandwidths;
  private final Curriculum curriculum;

  /**
   * @param curriculum already scaled to the side of the images
   */
  public SpectrumPicture(Curriculum curriculum) {
    this.curriculum = curriculum;
    this.bandwidths = curriculum.stages().stream().map(Stage::bandwidth).distinct().toList();
  }

  /** All images under each other, each as image, spectrum, and crop at every bandwidth. */
  public BufferedImage still(List<SpectralImage> images) {
    int n = curriculum.imageSize();
    int width = GAP + 2 * (n + GAP) + bandwidths.stream().mapToInt(b -> b + GAP).sum();
    int rowHeight = n + CAPTION;
    BufferedImage out = blank(width, GAP + images.size() * (rowHeight + GAP));
    Graphics2D g = graphics(out);
    for (int row = 0; row < images.size(); row++) {
      SpectralImage image = images.get(row);
      int y = GAP + row * (rowHeight + GAP);
      int x = GAP;
      panel(g, image.picture(), x, y, image.name(), n + " x " + n + " pixels");
      x += n + GAP;
      panel(g, image.spectrum(), x, y, "its spectrum", "and what each B keeps");
      for (int i = 0; i < bandwidths.size(); i++) {
        square(g, bandwidths.get(i), x, y, squareColour(i));
      }
      x += n + GAP;
      for (int i = 0; i < bandwidths.size(); i++) {
        int b = bandwidths.get(i);
        g.drawImage(image.crop(b), x, y + n - b, null);
        frame(g, x, y + n - b, b, squareColour(i));
        caption(g, x, y + n, "B = " + b, share(b));
        x += b + GAP;
      }
    }
    g.dispose();
    return out;
  }

  /**
   * The curriculum as it goes on: image and spectrum with the square of the stage, what the network
   * sees in its size, and the same enlarged, above a line of the stages.
   *
   * @param seconds length of the whole
   */
  public List<GifWriter.Frame> frames(SpectralImage image, double seconds) {
    int n = curriculum.imageSize();
    int width = GAP + 3 * (n + GAP);
    int height = GAP + n + CAPTION + BAR + GAP;
    List<GifWriter.Frame> frames = new ArrayList<>();
    BufferedImage spectrum = image.spectrum();
    double[] ends = curriculum.cumulativeShares();
    int shown = 0;
    int ticks = (int) Math.max(ends.length, Math.round(seconds * 5));
    for (int tick = 0; tick < ticks; tick++) {
      double now = (tick + 0.5) / ticks;
      int stage = stageAt(ends, now);
      BufferedImage whole = blank(width, height);
      Graphics2D g = graphics(whole);
      drawStage(g, image, spectrum, curriculum.stages().get(stage));
      timeline(g, ends, now, width, GAP + n + CAPTION);
      g.dispose();
      int bandwidth = curriculum.stages().get(stage).bandwidth();
      // While the bandwidth stays, only the line moves.
      int top = bandwidth != shown ? 0 : GAP + n + CAPTION - 4;
      frames.add(
          new GifWriter.Frame(
              whole.getSubimage(0, top, width, height - top), top, seconds / ticks));
      shown = bandwidth;
    }
    return frames;
  }

  private static int stageAt(double[] ends, double now) {
    int stage = 0;
    while (ends[stage] < now) {
      stage++;
    }
    return stage;
  }

  private void drawStage(Graphics2D g, SpectralImage image, BufferedImage spectrum, Stage stage) {
    int n = curriculum.imageSize();
    int b = stage.bandwidth();
    Color colour = squareColour(bandwidths.indexOf(b));
    int x = GAP;
    panel(g, spectrum, x, GAP, "spectrum", "the square is kept");
    square(g, b, x, GAP, colour);
    x += n + GAP;
    BufferedImage crop = image.crop(b);
    g.setColor(new Color(0xf0f2f5));
    g.fillRect(x, GAP, n, n);
    g.drawImage(crop, x, GAP + n - b, null);
    frame(g, x, GAP + n - b, b, colour);
    caption(g, x, GAP + n, "seen: B = " + b, share(b));
    x += n + GAP;
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    g.drawImage(crop, x, GAP, n, n, null);
    caption(g, x, GAP + n, "the same, enlarged", image.name());
  }

  private void timeline(Graphics2D g, double[] ends, double now, int width, int y) {
    int length = width - 2 * GAP;
    double from = 0;
    for (int i = 0; i < ends.length; i++) {
      int x = GAP + (int) Math.round(from * length);
      int end = GAP + (int) Math.round(ends[i] * length);
      Stage stage = curriculum.stages().get(i);
      g.setColor(squareColour(bandwidths.indexOf(stage.bandwidth())).darker());
      g.fillRect(x, y, end - x - 1, 10);
      from = ends[i];
    }
    int at = GAP + (int) Math.round(now * length);
    g.setColor(INK);
    g.fillRect(at - 2, y - 4, 4, 18);
    Labels.draw(
        g,
        curriculum.name() + ": share of " + curriculum.clock().name().toLowerCase(Locale.ROOT),
        GAP,
        y + 26,
        11,
        SOFT);
  }

  private static void panel(
      Graphics2D g, BufferedImage picture, int x, int y, String title, String note) {
    g.drawImage(picture, x, y, null);
    caption(g, x, y + picture.getHeight(), title, note);
  }

  private static void caption(Graphics2D g, int x, int y, String title, String note) {
    Labels.draw(g, title, x, y + 17, 13, INK);
    Labels.draw(g, note, x, y + 33, 11, SOFT);
  }

  /** The central B x B of a spectrum that lies at (x, y). */
  private void square(Graphics2D g, int bandwidth, int x, int y, Color colour) {
    int n = curriculum.imageSize();
    int from = n / 2 - bandwidth / 2;
    frame(g, x + from, y + from, bandwidth, colour);
  }

  private static void frame(Graphics2D g, int x, int y, int side, Color colour) {
    g.setStroke(new BasicStroke(2));
    g.setColor(colour);
    g.drawRect(x + 1, y + 1, side - 2, side - 2);
  }

  private String share(int bandwidth) {
    double share = Math.pow((double) bandwidth / curriculum.imageSize(), 2);
    return String.format(Locale.ROOT, "%.0f%% of the pixels", 100 * share);
  }

  private static Color squareColour(int index) {
    return SQUARES[Math.min(index, SQUARES.length - 1)];
  }

  private static BufferedImage blank(int width, int height) {
    BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = out.createGraphics();
    g.setColor(PAPER);
    g.fillRect(0, 0, width, height);
    g.dispose();
    return out;
  }

  private static Graphics2D graphics(BufferedImage image) {
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    return g;
  }
}
