package org.efficienttrain.images.dataset;

/**
 * The outlines of the quickstart set as signed distances (negative inside) in a square of about
 * [-1, 1], after Inigo Quilez, "2D distance functions". Their areas are about equal, so that the
 * amount of paint does not give the class away.
 */
enum QuickstartShape {
  DISK {
    @Override
    double distance(double x, double y) {
      return Math.sqrt(x * x + y * y) - 0.84;
    }
  },
  SQUARE {
    @Override
    double distance(double x, double y) {
      return box(x, y, 0.75, 0.75);
    }
  },
  TRIANGLE {
    @Override
    double distance(double x, double y) {
      double r = 1.05;
      double px = Math.abs(x) - r;
      double py = y + r / SQRT3 + 0.05;
      if (px + SQRT3 * py > 0) {
        double turned = (px - SQRT3 * py) / 2;
        py = (-SQRT3 * px - py) / 2;
        px = turned;
      }
      px -= Math.max(-2 * r, Math.min(0, px));
      return -Math.sqrt(px * px + py * py) * Math.signum(py);
    }
  },
  STAR {
    @Override
    double distance(double x, double y) {
      // Fold the ten-fold symmetry of a five-pointed star onto one edge.
      double px = Math.abs(x);
      double py = y;
      double fold = 2 * Math.max(COS36 * px - SIN36 * py, 0);
      px -= fold * COS36;
      py += fold * SIN36;
      fold = 2 * Math.max(-COS36 * px - SIN36 * py, 0);
      px += fold * COS36;
      py += fold * SIN36;
      px = Math.abs(px);
      py -= 1.2;
      double ax = INNER * SIN36;
      double ay = INNER * COS36 - 1;
      double along = Math.max(0, Math.min(1.2, (px * ax + py * ay) / (ax * ax + ay * ay)));
      double dx = px - ax * along;
      double dy = py - ay * along;
      return Math.sqrt(dx * dx + dy * dy) * Math.signum(py * ax - px * ay);
    }
  },
  CROSS {
    @Override
    double distance(double x, double y) {
      return Math.min(box(x, y, 1, 0.36), box(x, y, 0.36, 1));
    }
  };

  private static final double SQRT3 = 1.7320508075688772;
  private static final double COS36 = 0.8090169943749475;
  private static final double SIN36 = 0.5877852522924731;

  /** Radius of the star's inner corners over that of its points. */
  private static final double INNER = 0.5;

  abstract double distance(double x, double y);

  private static double box(double x, double y, double halfWidth, double halfHeight) {
    double dx = Math.abs(x) - halfWidth;
    double dy = Math.abs(y) - halfHeight;
    double ox = Math.max(dx, 0);
    double oy = Math.max(dy, 0);
    return Math.sqrt(ox * ox + oy * oy) + Math.min(Math.max(dx, dy), 0);
  }
}
