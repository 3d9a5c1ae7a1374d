package org.efficienttrain.images.pixel;

/**
 * The reconstruction filters of Pillow's resizing. When an image shrinks, the filter is stretched
 * by the factor of the reduction, so that it also removes what would alias.
 */
public enum Interpolation {
  /** Triangle, 1 pixel to each side. */
  BILINEAR(1) {
    @Override
    double at(double x) {
      double distance = Math.abs(x);
      return distance < 1 ? 1 - distance : 0;
    }
  },
  /** Cubic convolution with a = -0.5 (Keys 1981), 2 pixels to each side. */
  BICUBIC(2) {
    @Override
    double at(double x) {
      double d = Math.abs(x);
      if (d < 1) {
        return ((A + 2) * d - (A + 3)) * d * d + 1;
      }
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0;
    }
  },
  /** Windowed sinc, 3 pixels to each side. */
  LANCZOS(3) {
    @Override
    double at(double x) {
      return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
    }
  };

  private static final double A = -0.5;

  private final int support;

  Interpolation(int support) {
    this.support = support;
  }

  /** Half the width of the filter, in pixels of the source when nothing shrinks. */
  public int support() {
    return support;
  }

  /** The filter's value at this distance, in pixels. */
  abstract double at(double x);

  private static double sinc(double x) {
    // StrictMath: the same bytes on every machine.
    return x == 0 ? 1 : StrictMath.sin(x * Math.PI) / (x * Math.PI);
  }
}
