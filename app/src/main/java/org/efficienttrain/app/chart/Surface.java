package org.efficienttrain.app.chart;

/** What a {@link LineChart} is drawn on; x goes right and y down, in the chart's units. */
interface Surface {
  /** What a text is for, which says how it looks and where (x, y) is of it. */
  enum Text {
    /** Above the chart; (x, y) is its left end. */
    TITLE,
    /** Names a line; (x, y) is its left end. */
    KEY,
    /** Along the horizontal axis; (x, y) is its middle. */
    ACROSS,
    /** Along the vertical axis; (x, y) is its right end. */
    BESIDE
  }

  void text(Text kind, double x, double y, String text);

  /** A faint line of the grid. */
  void grid(double x1, double y1, double x2, double y2);

  /** A dashed line that stands out from the grid. */
  void mark(double x1, double y1, double x2, double y2);

  /**
   * A line through points.
   *
   * @param xy x and y in turn, all finite
   * @param colour as in CSS
   */
  void path(double[] xy, String colour, double width);

  /** Dots at points, as in {@link #path}. */
  void dots(double[] xy, String colour);
}
