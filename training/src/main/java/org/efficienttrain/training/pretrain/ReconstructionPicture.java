package org.efficienttrain.training.pretrain;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import org.efficienttrain.models.Hog;
import org.efficienttrain.training.batch.Normalisation;

/**
 * What a masked autoencoder sees and what it makes of it, a row an image: the image, what of it is
 * visible, what comes back. Histograms of gradients come back as strokes along the edges that they
 * describe, white where the patch was visible and orange where it was predicted.
 */
public final class ReconstructionPicture {
  private static final int GAP = 4;
  private static final int LEAST_TILE = 160;
  private static final int LEAST_CELL = 12;
  private static final Color PAPER = Color.WHITE;
  private static final Color HIDDEN = new Color(0x9a9a9a);
  private static final Color SEEN = Color.WHITE;
  private static final Color PREDICTED = new Color(0xffa040);

  /** One row. */
  public static final class Example {
    private final float[] image;
    private final boolean[] hidden;
    private final float[] restored;

    /**
     * The arrays are not copied.
     *
     * @param image 3 planes of S rows of S values, normalised as the network gets them
     * @param hidden of each of the patches, row by row, whether it was hidden
     * @param restored what comes back: pixels as those of the image, or the values of {@link Hog}
     *     patch by patch
     */
    public Example(float[] image, boolean[] hidden, float[] restored) {
      this.image = image;
      this.hidden = hidden;
      this.restored = restored;
    }
  }

  private final int side;
  private final int grid;
  private final Hog hog;
  private final int tile;

  private ReconstructionPicture(int side, int patch, Hog hog) {
    this.side = side;
    this.grid = side / patch;
    this.hog = hog;
    int least = hog == null ? LEAST_TILE : Math.max(LEAST_TILE, side / hog.cell() * LEAST_CELL);
    this.tile = (least + side - 1) / side * side;
  }

  /**
   * Rows that come back as pixels.
   *
   * @param side side of the images in pixels
   * @param patch side of a patch in pixels
   */
  public static BufferedImage ofPixels(List<Example> rows, int side, int patch) {
    return new ReconstructionPicture(side, patch, null).draw(rows);
  }

  /** Rows that come back as histograms of gradients. */
  public static BufferedImage ofHistograms(List<Example> rows, int side, Hog hog) {
    return new ReconstructionPicture(side, hog.patch(), hog).draw(rows);
  }

  private BufferedImage draw(List<Example> rows) {
    int step = tile + GAP;
    BufferedImage out =
        new BufferedImage(3 * step + GAP, rows.size() * step + GAP, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = out.createGraphics();
    try {
      g.setColor(PAPER);
      g.fillRect(0, 0, out.getWidth(), out.getHeight());
      for (int row = 0; row < rows.size(); row++) {
        Example example = rows.get(row);
        int y = GAP + row * step;
        BufferedImage image = image(example.image);
        g.drawImage(image, GAP, y, tile, tile, null);
        g.drawImage(image, GAP + step, y, tile, tile, null);
        cover(g, example.hidden, GAP + step, y);
        if (hog != null) {
          strokes(g, example, GAP + 2 * step, y);
        } else {
          g.drawImage(merged(example), GAP + 2 * step, y, tile, tile, null);
        }
      }
    } finally {
      g.dispose();
    }
    return out;
  }

  /** The image where it was visible, and what comes back elsewhere. */
  private BufferedImage merged(Example example) {
    float[] out = example.image.clone();
    int patch = side / grid;
    for (int i = 0; i < out.length; i++) {
      int y = i / side % side;
      int x = i % side;
      if (example.hidden[y / patch * grid + x / patch]) {
        out[i] = example.restored[i];
      }
    }
    return image(out);
  }

  private BufferedImage image(float[] values) {
    double[] mean = Normalisation.mean();
    double[] std = Normalisation.std();
    BufferedImage out = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    int plane = side * side;
    for (int i = 0; i < plane; i++) {
      int rgb = 0;
      for (int c = 0; c < 3; c++) {
        double light = values[c * plane + i] * std[c] + mean[c];
        // A prediction that is no number yet is black.
        rgb = rgb << 8 | (int) Math.round(255 * Math.min(1, Math.max(0, light)));
      }
      out.setRGB(i % side, i / side, rgb);
    }
    return out;
  }

  private void cover(Graphics2D g, boolean[] hidden, int left, int top) {
    int size = tile / grid;
    g.setColor(HIDDEN);
    for (int i = 0; i < hidden.length; i++) {
      if (hidden[i]) {
        g.fillRect(left + i % grid * size, top + i / grid * size, size, size);
      }
    }
  }

  private void strokes(Graphics2D g, Example example, int left, int top) {
    g.setColor(Color.BLACK);
    g.fillRect(left, top, tile, tile);
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setStroke(new BasicStroke(1.5f));
    int cells = hog.cells();
    double size = (double) tile / (grid * cells);
    for (int patch = 0; patch < example.hidden.length; patch++) {
      g.setColor(example.hidden[patch] ? PREDICTED : SEEN);
      for (int cell = 0; cell < cells * cells; cell++) {
        double x = left + (patch % grid * cells + cell % cells + 0.5) * size;
        double y = top + (patch / grid * cells + cell / cells + 0.5) * size;
        for (int bin = 0; bin < Hog.BINS; bin++) {
          stroke(g, strength(example.restored, patch, bin, cell), bin, new double[] {x, y, size});
        }
      }
    }
    g.setComposite(AlphaComposite.SrcOver);
  }

  /** Mean of the three channels, 0 to 1. */
  private double strength(float[] values, int patch, int bin, int cell) {
    int cells = hog.cells() * hog.cells();
    double sum = 0;
    for (int c = 0; c < 3; c++) {
      sum += values[patch * hog.size() + (c * Hog.BINS + bin) * cells + cell];
    }
    return Math.min(1, Math.max(0, sum / 3));
  }

  /** A line along the edge, which lies across the gradient: longer and brighter where stronger. */
  private static void stroke(Graphics2D g, double strength, int bin, double[] at) {
    if (!(strength > 0.02)) {
      return;
    }
    double angle = (bin + 0.5) * Math.PI / Hog.BINS; // of the gradient, from the vertical
    double half = 0.48 * at[2] * Math.sqrt(strength);
    double dx = half * Math.cos(angle);
    double dy = -half * Math.sin(angle);
    g.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, (float) strength));
    g.drawLine(
        (int) Math.round(at[0] - dx),
        (int) Math.round(at[1] - dy),
        (int) Math.round(at[0] + dx),
        (int) Math.round(at[1] + dy));
  }
}
