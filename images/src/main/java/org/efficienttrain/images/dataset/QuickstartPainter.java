package org.efficienttrain.images.dataset;

import org.efficienttrain.images.Image;
import org.efficienttrain.images.RandomSource;

/**
 * Paints one image of the quickstart set: a textured shape at nearly any angle, in any colour, on a
 * background of soft blotches, under uneven light, with noise. Sizes of shapes and textures vary by
 * more than two, as things do in photographs, so that a network that has seen the set at one
 * bandwidth knows it at the next; and the noise is white, so that low frequencies have less of it.
 * Only sums, products, roots and {@link StrictMath} are used, so that every machine paints the same
 * bytes.
 */
final class QuickstartPainter {
  static final int SIDE = 48;

  /** How far a channel may be from the brightness of a colour. */
  private static final double TINT = 0.22;

  /** How far, in pixels and each way, a shape's centre may be from the image's. */
  private static final double SHIFT = 5;

  /** No point of a shape is further from its centre, in radii. */
  private static final double LARGEST_REACH = 1.3;

  private final RandomSource random;
  private final double[] canvas = new double[SIDE * SIDE * 3];

  private QuickstartPainter(RandomSource random) {
    this.random = random;
  }

  static Image paint(QuickstartShape shape, QuickstartTexture texture, RandomSource random) {
    QuickstartPainter painter = new QuickstartPainter(random);
    painter.background();
    painter.subject(shape, texture);
    return painter.develop();
  }

  /** A value for each pixel of a part of the canvas. */
  private interface PixelPainter {
    void paint(int x, int y);
  }

  /** Visits the pixels that a shape at this pose can reach, with a border around it. */
  private static void nearby(Pose pose, double border, PixelPainter painter) {
    double reach = pose.radius * LARGEST_REACH + border;
    int left = (int) Math.max(0, pose.x - reach);
    int right = (int) Math.min(SIDE - 1, pose.x + reach + 1);
    int top = (int) Math.max(0, pose.y - reach);
    int bottom = (int) Math.min(SIDE - 1, pose.y + reach + 1);
    for (int y = top; y <= bottom; y++) {
      for (int x = left; x <= right; x++) {
        painter.paint(x, y);
      }
    }
  }

  /** Where, how large, how turned: maps a pixel into the frame of a shape. */
  private record Pose(double x, double y, double radius, double cos, double sin) {
    double u(double px, double py) {
      return ((px - x) * cos + (py - y) * sin) / radius;
    }

    double v(double px, double py) {
      return ((py - y) * cos - (px - x) * sin) / radius;
    }
  }

  /** Equally likely in every ratio. */
  private double logUniform(double low, double high) {
    return low * StrictMath.exp(random.nextDouble() * StrictMath.log(high / low));
  }

  /** A colour of about this brightness: channels go together, as they do in photographs. */
  private double[] colour(double brightness) {
    double[] colour = new double[3];
    for (int c = 0; c < 3; c++) {
      double value = brightness + random.uniform(-TINT, TINT);
      colour[c] = Math.max(0, Math.min(1, value));
    }
    return colour;
  }

  /** Two colours blended by smooth noise of two sizes. */
  private void background() {
    double brightness = random.uniform(0.05, 0.25);
    double[] first = colour(brightness);
    double[] second = colour(brightness + random.uniform(-0.15, 0.15));
    double[] coarse = grid(5);
    double[] fine = grid(12);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        double blend = 0.7 * noise(coarse, 5, x, y) + 0.3 * noise(fine, 12, x, y);
        for (int c = 0; c < 3; c++) {
          canvas[(y * SIDE + x) * 3 + c] = first[c] + (second[c] - first[c]) * blend;
        }
      }
    }
  }

  private double[] grid(int cells) {
    double[] values = new double[(cells + 1) * (cells + 1)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble();
    }
    return values;
  }

  /** Values on a grid over the image, interpolated smoothly. */
  private static double noise(double[] grid, int cells, int x, int y) {
    double gx = (double) x * cells / SIDE;
    double gy = (double) y * cells / SIDE;
    int ix = (int) gx;
    int iy = (int) gy;
    double fx = smooth(gx - ix);
    double fy = smooth(gy - iy);
    int at = iy * (cells + 1) + ix;
    double top = grid[at] + (grid[at + 1] - grid[at]) * fx;
    double bottom = grid[at + cells + 1] + (grid[at + cells + 2] - grid[at + cells + 1]) * fx;
    return top + (bottom - top) * fy;
  }

  private static double smooth(double t) {
    return t * t * (3 - 2 * t);
  }

  /** The shape that gives the class, in two shades of one colour. */
  private void subject(QuickstartShape shape, QuickstartTexture texture) {
    double angle = random.uniform(-0.5, 0.5);
    Pose pose =
        new Pose(
            SIDE / 2.0 + random.uniform(-SHIFT, SHIFT),
            SIDE / 2.0 + random.uniform(-SHIFT, SHIFT),
            logUniform(9, 22),
            StrictMath.cos(angle),
            StrictMath.sin(angle));
    double period = logUniform(6.5, 15);
    double textureAngle = random.uniform(0, 2 * Math.PI);
    double cos = StrictMath.cos(textureAngle);
    double sin = StrictMath.sin(textureAngle);
    double shiftU = random.nextDouble();
    double shiftV = random.nextDouble();
    double[] bright = colour(random.uniform(0.65, 0.95));
    double contrast = random.uniform(0.1, 0.6);
    double[] colour = new double[3];
    nearby(
        pose,
        1,
        (x, y) -> {
          double inside = inside(shape, pose, x, y);
          if (inside > 0) {
            double u = ((x - pose.x) * cos + (y - pose.y) * sin) / period + shiftU;
            double v = ((y - pose.y) * cos - (x - pose.x) * sin) / period + shiftV;
            double shade = contrast * texture.paint(u, v, period);
            for (int c = 0; c < 3; c++) {
              colour[c] = bright[c] - shade;
            }
            blend(x, y, colour, inside);
          }
        });
  }

  private static double inside(QuickstartShape shape, Pose pose, int x, int y) {
    return QuickstartTexture.edge(-shape.distance(pose.u(x, y), pose.v(x, y)), pose.radius);
  }

  private void blend(int x, int y, double[] colour, double opacity) {
    if (opacity <= 0) {
      return;
    }
    int at = (y * SIDE + x) * 3;
    for (int c = 0; c < 3; c++) {
      canvas[at + c] += (colour[c] - canvas[at + c]) * opacity;
    }
  }

  /** Light that falls off to one side, contrast, noise, and bytes. */
  private Image develop() {
    double slopeX = random.uniform(-0.5, 0.5) / SIDE;
    double slopeY = random.uniform(-0.5, 0.5) / SIDE;
    double brightness = random.uniform(0.65, 1.15);
    double grain = random.uniform(0.04, 0.22);
    byte[] pixels = new byte[canvas.length];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        double light = brightness * (1 + slopeX * (x - SIDE / 2.0) + slopeY * (y - SIDE / 2.0));
        for (int c = 0; c < 3; c++) {
          int at = (y * SIDE + x) * 3 + c;
          double value = canvas[at] * light + grain * roughGaussian();
          pixels[at] = (byte) Math.max(0, Math.min(255, (int) (value * 255 + 0.5)));
        }
      }
    }
    return new Image(pixels, SIDE, SIDE);
  }

  /** The sum of four uniform values, scaled to deviation 1: near enough to normal for grain. */
  private double roughGaussian() {
    long bits = random.nextLong();
    long sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
    return (sum / 65535.0 - 2) * 1.7320508075688772;
  }
}
