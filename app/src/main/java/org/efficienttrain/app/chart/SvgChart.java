package org.efficienttrain.app.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines over two axes as an SVG element; colours of text and grid are those of the page. */
public final class SvgChart {
  /** Colours that people with any colour vision tell apart (Okabe and Ito 2008), dark first. */
  private static final String[] COLOURS = {
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#8c564b"
  };

  private static final int WIDTH = 620;
  private static final int HEIGHT = 310;
  private static final int LEFT = 58;
  private static final int RIGHT = 14;
  private static final int TOP = 52;
  private static final int BOTTOM = 42;
  private static final int MOST_TICKS = 6;

  /** A line, and how its points are joined. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Line(String name, double[] xy, boolean steps, boolean dots, int colour) {}

  private final String title;
  private final String across;
  private final List<Line> lines = new ArrayList<>();
  private boolean percent;
  private boolean logarithmic;

  /**
   * @param title above the chart
   * @param across name of the horizontal axis
   */
  public SvgChart(String title, String across) {
    this.title = title;
    this.across = across;
  }

  /** Colour of the i-th line, as in CSS; they repeat. */
  public static String colour(int index) {
    return COLOURS[Math.floorMod(index, COLOURS.length)];
  }

  /**
   * A line through points.
   *
   * @param xy x and y in turn, by rising x; values that are not finite are left out
   * @param colour number of its colour
   */
  public SvgChart line(String name, double[] xy, int colour) {
    lines.add(new Line(name, xy, false, false, colour));
    return this;
  }

  /** The same with a dot at every point. */
  public SvgChart dotted(String name, double[] xy, int colour) {
    lines.add(new Line(name, xy, false, true, colour));
    return this;
  }

  /** The same, but every value stays until the next one comes. */
  public SvgChart steps(String name, double[] xy, int colour) {
    lines.add(new Line(name, xy, true, false, colour));
    return this;
  }

  /** Writes values of 0 to 1 as per cent. */
  public SvgChart inPercent() {
    percent = true;
    return this;
  }

  /** Makes the horizontal axis logarithmic; only points with x above 0 are drawn. */
  public SvgChart logarithmic() {
    logarithmic = true;
    return this;
  }

  /** Whether any line has a point. */
  public boolean isEmpty() {
    return lines.stream().noneMatch(l -> l.xy().length > 0);
  }

  /** The element; it scales with its container. */
  public String toSvg() {
    double[] x = range(0);
    double[] y = range(1);
    double margin = y[1] > y[0] ? 0.04 * (y[1] - y[0]) : Math.max(1e-9, Math.abs(y[0]) * 0.1);
    y[0] -= margin;
    y[1] += margin;
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\" xmlns=\"http://www.w3.org/2000/svg\">"
            .formatted(WIDTH, HEIGHT, escape(title)));
    svg.append("<text class=\"title\" x=\"%d\" y=\"18\">%s</text>".formatted(LEFT, escape(title)));
    grid(svg, x, y);
    for (Line line : lines) {
      draw(svg, line, x, y);
    }
    legend(svg);
    return svg.append("</svg>").toString();
  }

  private double[] range(int offset) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Line line : lines) {
      for (int i = 0; i + 1 < line.xy().length; i += 2) {
        double value = offset == 0 ? horizontal(line.xy()[i]) : line.xy()[i + 1];
        if (Double.isFinite(value)) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
    return low <= high ? new double[] {low, high} : new double[] {0, 1};
  }

  private double horizontal(double x) {
    return logarithmic ? Math.log10(x) : x;
  }

  private void grid(StringBuilder svg, double[] x, double[] y) {
    for (double tick : Ticks.of(y[0], y[1], MOST_TICKS)) {
      double at = down(tick, y);
      svg.append(
          String.format(
              Locale.ROOT,
              "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
              LEFT,
              WIDTH - RIGHT,
              at,
              at));
      String text = percent ? Ticks.text(100 * tick) + "%" : Ticks.text(tick);
      svg.append(label(LEFT - 6, at + 4, "end", text));
    }
    for (double tick : Ticks.of(x[0], x[1], MOST_TICKS)) {
      String text = Ticks.text(logarithmic ? Math.pow(10, tick) : tick);
      svg.append(label(right(tick, x), HEIGHT - BOTTOM + 16, "middle", text));
    }
    svg.append(label((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8, "middle", across));
  }

  private static String label(double x, double y, String anchor, String text) {
    return String.format(
        Locale.ROOT,
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
        x,
        y,
        anchor,
        escape(text));
  }

  private void draw(StringBuilder svg, Line line, double[] x, double[] y) {
    StringBuilder path = new StringBuilder();
    StringBuilder dots = new StringBuilder();
    double before = Double.NaN;
    for (int i = 0; i + 1 < line.xy().length; i += 2) {
      double across = right(horizontal(line.xy()[i]), x);
      double down = down(line.xy()[i + 1], y);
      if (!Double.isFinite(across) || !Double.isFinite(down)) {
        continue;
      }
      if (line.steps() && !Double.isNaN(before)) {
        path.append(String.format(Locale.ROOT, "L%.1f %.1f", across, before));
      }
      path.append(
          String.format(Locale.ROOT, "%s%.1f %.1f", path.length() == 0 ? "M" : "L", across, down));
      if (line.dots()) {
        dots.append(
            String.format(
                Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>", across, down));
      }
      before = down;
    }
    String colour = colour(line.colour());
    svg.append("<path d=\"%s\" stroke=\"%s\" fill=\"none\"/>".formatted(path, colour));
    svg.append("<g fill=\"%s\">%s</g>".formatted(colour, dots));
  }

  private void legend(StringBuilder svg) {
    if (lines.size() < 2) {
      return;
    }
    int x = LEFT;
    int y = 36;
    for (Line line : lines) {
      if (line.name().isEmpty()) {
        continue;
      }
      svg.append(
          "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"3\"/>"
              .formatted(x, x + 16, y - 4, y - 4, colour(line.colour())));
      svg.append(
          "<text class=\"key\" x=\"%d\" y=\"%d\">%s</text>"
              .formatted(x + 21, y, escape(line.name())));
      x += 40 + 7 * line.name().length();
      if (x > WIDTH - 120) {
        x = LEFT;
        y += 14;
      }
    }
  }

  private static double right(double value, double[] range) {
    double share = range[1] > range[0] ? (value - range[0]) / (range[1] - range[0]) : 0.5;
    return LEFT + share * (WIDTH - RIGHT - LEFT);
  }

  private static double down(double value, double[] range) {
    return HEIGHT - BOTTOM - (value - range[0]) / (range[1] - range[0]) * (HEIGHT - BOTTOM - TOP);
  }

  /** Text that stands in XML or HTML as it is. */
  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
