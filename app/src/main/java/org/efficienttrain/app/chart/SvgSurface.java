package org.efficienttrain.app.chart;

import java.util.Locale;

/** Writes an SVG element; colours of text and grid are those of the page around it. */
final class SvgSurface implements Surface {
  private final StringBuilder svg = new StringBuilder();

  SvgSurface(String title, int width, int height) {
    svg.append(
        "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\" xmlns=\"http://www.w3.org/2000/svg\">"
            .formatted(width, height, Markup.escape(title)));
  }

  private void append(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }

  @Override
  public void text(Text kind, double x, double y, String text) {
    String look =
        switch (kind) {
          case TITLE -> "class=\"title\"";
          case KEY -> "class=\"key\"";
          case ACROSS -> "text-anchor=\"middle\"";
          case BESIDE -> "text-anchor=\"end\"";
        };
    append("<text %s x=\"%.1f\" y=\"%.1f\">%s</text>", look, x, y, Markup.escape(text));
  }

  @Override
  public void grid(double x1, double y1, double x2, double y2) {
    line("grid", x1, y1, x2, y2);
  }

  @Override
  public void mark(double x1, double y1, double x2, double y2) {
    line("mark", x1, y1, x2, y2);
  }

  private void line(String look, double x1, double y1, double x2, double y2) {
    append(
        "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
        look, x1, y1, x2, y2);
  }

  @Override
  public void path(double[] xy, String colour, double width) {
    svg.append("<path d=\"");
    for (int i = 0; i < xy.length; i += 2) {
      append("%s%.1f %.1f", i == 0 ? "M" : "L", xy[i], xy[i + 1]);
    }
    append("\" stroke=\"%s\" stroke-width=\"%.1f\" fill=\"none\"/>", colour, width);
  }

  @Override
  public void dots(double[] xy, String colour) {
    append("<g fill=\"%s\">", colour);
    for (int i = 0; i < xy.length; i += 2) {
      append("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>", xy[i], xy[i + 1]);
    }
    svg.append("</g>");
  }

  String element() {
    return svg + "</svg>";
  }
}
