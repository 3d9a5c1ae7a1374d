package org.efficienttrain.images.dataset;

/**
 * What the shapes of the quickstart set are painted with: two paints, half of the area each, so
 * that neither the mean colour nor the contrast tells the textures apart.
 */
enum QuickstartTexture {
  STRIPED {
    @Override
    double paint(double u, double v, double sharpness) {
      return edge(0.25 - Math.abs(fraction(u) - 0.5), sharpness);
    }
  },
  DOTTED {
    @Override
    double paint(double u, double v, double sharpness) {
      double x = fraction(u) - 0.5;
      double y = fraction(v) - 0.5;
      return edge(DOT_RADIUS - Math.sqrt(x * x + y * y), sharpness);
    }
  };

  /** Dots of this radius cover half of the unit square. */
  private static final double DOT_RADIUS = 0.3989422804014327;

  /**
   * The share of the second paint, 0 to 1, at a point in units of the period.
   *
   * @param sharpness pixels per period: edges are one pixel soft
   */
  abstract double paint(double u, double v, double sharpness);

  private static double fraction(double value) {
    return value - Math.floor(value);
  }

  static double edge(double insideBy, double sharpness) {
    return Math.max(0, Math.min(1, 0.5 + insideBy * sharpness));
  }
}
