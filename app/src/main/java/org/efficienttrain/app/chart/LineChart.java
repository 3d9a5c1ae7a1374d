package org.efficienttrain.app.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lines over two axes: an SVG element for a page, or a PNG file. */
public final class LineChart {
  /** Colours that people with any colour vision tell apart (Okabe and Ito 2008), dark first. */
  private static final List<String> COLOURS =
      List.of(
          "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#8c564b");

  private static final int WIDTH = 620;
  private static final int PLOT = 216;
  private static final int LEFT = 58;
  private static final int RIGHT = 14;
  private static final int BOTTOM = 42;
  private static final int MOST_TICKS = 6;
  private static final double THIN = 1.6;
  private static final double THICK = 3;

  /** Of the names of lines: the first row, the distance of rows, and about what a letter takes. */
  private static final int FIRST_KEY = 36;

  private static final int KEY_ROW = 15;
  private static final double LETTER = 6.2;
  private static final int LONGEST_KEY = 40;

  /** A line, and how its points are joined. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Line(String name, double[] xy, boolean steps, boolean dots, int colour) {}

  private record Mark(double x, String text) {}

  /** Where the name of a line stands. */
  private record Key(double x, double y, String name, int colour) {}

  /** What is drawn: lowest and highest values, and the upper and lower ends of the plot. */
  private record Frame(double left, double right, double low, double high, int top, int bottom) {
    double across(double x) {
      return LEFT + (right > left ? (x - left) / (right - left) : 0.5) * (WIDTH - RIGHT - LEFT);
    }

    double down(double y) {
      return bottom - (y - low) / (high - low) * (bottom - top);
    }
  }

  private final String title;
  private final String across;
  private final List<Line> lines = new ArrayList<>();
  private final List<Mark> marks = new ArrayList<>();
  private boolean percent;
  private boolean logarithmic;

  /**
   * @param title above the chart
   * @param across name of the horizontal axis
   */
  public LineChart(String title, String across) {
    this.title = title;
    this.across = across;
  }

  /** Colour of the i-th line, as in CSS; they repeat. */
  static String colour(int index) {
    return COLOURS.get(Math.floorMod(index, COLOURS.size()));
  }

  /**
   * A line through points.
   *
   * @param xy x and y in turn, by rising x; values that are not finite are left out
   * @param colour number of its colour
   */
  public LineChart line(String name, double[] xy, int colour) {
    lines.add(new Line(name, xy, false, false, colour));
    return this;
  }

  /** The same with a dot at every point. */
  public LineChart dotted(String name, double[] xy, int colour) {
    lines.add(new Line(name, xy, false, true, colour));
    return this;
  }

  /** The same, but every value stays until the next one comes. */
  public LineChart steps(String name, double[] xy, int colour) {
    lines.add(new Line(name, xy, true, false, colour));
    return this;
  }

  /** A dashed line from top to bottom at x, with a few words at its foot. */
  public LineChart mark(double x, String text) {
    marks.add(new Mark(x, text));
    return this;
  }

  /** Writes values of 0 to 1 as per cent. */
  public LineChart inPercent() {
    percent = true;
    return this;
  }

  /** Makes the horizontal axis logarithmic; only points with x above 0 are drawn. */
  public LineChart logarithmic() {
    logarithmic = true;
    return this;
  }

  /** Whether no line has a point. */
  public boolean isEmpty() {
    return lines.stream().noneMatch(l -> l.xy().length > 0);
  }

  /** The element; it scales with its container. */
  public String toSvg() {
    List<Key> keys = keys();
    Frame frame = frame(keys);
    SvgSurface surface = new SvgSurface(title, WIDTH, frame.bottom() + BOTTOM);
    draw(surface, frame, keys);
    return surface.element();
  }

  /** The bytes of a PNG file, 1240 pixels wide. */
  public byte[] toPng() {
    List<Key> keys = keys();
    Frame frame = frame(keys);
    try (PngSurface surface = new PngSurface(WIDTH, frame.bottom() + BOTTOM)) {
      draw(surface, frame, keys);
      return surface.file();
    }
  }

  private void draw(Surface surface, Frame frame, List<Key> keys) {
    surface.text(Surface.Text.TITLE, LEFT, 18, title);
    grid(surface, frame);
    for (Mark mark : marks) {
      double at = frame.across(horizontal(mark.x()));
      if (Double.isFinite(at)) {
        surface.mark(at, frame.top(), at, frame.bottom());
        surface.text(Surface.Text.KEY, at + 5, frame.bottom() - 6, mark.text());
      }
    }
    for (Line line : lines) {
      double[] points = points(line, frame);
      surface.path(line.steps() ? held(points) : points, colour(line.colour()), THIN);
      if (line.dots()) {
        surface.dots(points, colour(line.colour()));
      }
    }
    for (Key key : keys) {
      double[] sample = {key.x(), key.y() - 4, key.x() + 16, key.y() - 4};
      surface.path(sample, colour(key.colour()), THICK);
      surface.text(Surface.Text.KEY, key.x() + 21, key.y(), key.name());
    }
  }

  private Frame frame(List<Key> keys) {
    double[] x = range(0);
    double[] y = range(1);
    double margin = y[1] > y[0] ? 0.04 * (y[1] - y[0]) : Math.max(1e-9, Math.abs(y[0]) * 0.1);
    double lowestKey = keys.isEmpty() ? FIRST_KEY - KEY_ROW : keys.get(keys.size() - 1).y();
    int top = (int) lowestKey + KEY_ROW;
    return new Frame(x[0], x[1], y[0] - margin, y[1] + margin, top, top + PLOT);
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

  private void grid(Surface surface, Frame frame) {
    for (double tick : Ticks.of(frame.low(), frame.high(), MOST_TICKS)) {
      double at = frame.down(tick);
      surface.grid(LEFT, at, WIDTH - RIGHT, at);
      String text = percent ? Ticks.text(100 * tick) + "%" : Ticks.text(tick);
      surface.text(Surface.Text.BESIDE, LEFT - 6, at + 4, text);
    }
    for (double tick : acrossTicks(frame)) {
      String text = Ticks.text(logarithmic ? Math.pow(10, tick) : tick);
      surface.text(Surface.Text.ACROSS, frame.across(tick), frame.bottom() + 16, text);
    }
    surface.text(
        Surface.Text.ACROSS, (LEFT + WIDTH - RIGHT) / 2.0, frame.bottom() + BOTTOM - 8, across);
  }

  /** Of a logarithm the whole powers of ten, where there are two. */
  private List<Double> acrossTicks(Frame frame) {
    List<Double> ticks = Ticks.of(frame.left(), frame.right(), MOST_TICKS);
    List<Double> whole = ticks.stream().filter(t -> t == Math.rint(t)).toList();
    return logarithmic && whole.size() > 1 ? whole : ticks;
  }

  /** The finite points where they are drawn. */
  private double[] points(Line line, Frame frame) {
    double[] out = new double[line.xy().length];
    int n = 0;
    for (int i = 0; i + 1 < out.length; i += 2) {
      double x = frame.across(horizontal(line.xy()[i]));
      double y = frame.down(line.xy()[i + 1]);
      if (Double.isFinite(x) && Double.isFinite(y)) {
        out[n++] = x;
        out[n++] = y;
      }
    }
    return Arrays.copyOf(out, n);
  }

  /** Every value stays until the next one comes. */
  private static double[] held(double[] xy) {
    double[] out = new double[Math.max(0, 2 * xy.length - 2)];
    for (int i = 0; i < xy.length; i += 2) {
      out[2 * i] = xy[i];
      out[2 * i + 1] = xy[i + 1];
      if (i + 2 < xy.length) {
        out[2 * i + 2] = xy[i + 2];
        out[2 * i + 3] = xy[i + 1];
      }
    }
    return out;
  }

  /** Places of the names, in as many rows as they take; one line alone needs none. */
  private List<Key> keys() {
    List<Line> named = lines.stream().filter(l -> !l.name().isEmpty()).toList();
    List<Key> keys = new ArrayList<>();
    double x = LEFT;
    int y = FIRST_KEY;
    for (Line line : lines.size() < 2 ? List.<Line>of() : named) {
      String name = line.name();
      if (name.length() > LONGEST_KEY) {
        name = name.substring(0, LONGEST_KEY - 1) + "…";
      }
      double width = 21 + LETTER * name.length() + 16;
      if (x > LEFT && x + width > WIDTH) {
        x = LEFT;
        y += KEY_ROW;
      }
      keys.add(new Key(x, y, name, line.colour()));
      x += width;
    }
    return keys;
  }
}
