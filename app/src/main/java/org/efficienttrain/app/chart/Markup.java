package org.efficienttrain.app.chart;

/** Text within HTML, XML and SVG. */
public final class Markup {
  private Markup() {}

  /** Text that stands in an element or a quoted attribute as it is. */
  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
