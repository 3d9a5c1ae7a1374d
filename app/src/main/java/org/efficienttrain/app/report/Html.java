package org.efficienttrain.app.report;

import java.util.Base64;
import org.efficienttrain.app.chart.Markup;

/** Builds a page; all text that it is given is escaped. */
final class Html {
  private final StringBuilder out = new StringBuilder();

  /** Opens an element, such as {@code table}, with a class or without (empty). */
  Html open(String element, String cssClass) {
    out.append('<').append(element);
    if (!cssClass.isEmpty()) {
      out.append(" class=\"").append(Markup.escape(cssClass)).append('"');
    }
    out.append('>');
    return this;
  }

  Html open(String element) {
    return open(element, "");
  }

  Html close(String element) {
    out.append("</").append(element).append(">\n");
    return this;
  }

  /** An element that holds text. */
  Html text(String element, String cssClass, String text) {
    open(element, cssClass);
    out.append(Markup.escape(text));
    return close(element);
  }

  Html text(String element, String text) {
    return text(element, "", text);
  }

  /** A row of a table: {@code th} or {@code td} cells. */
  Html row(String cell, Iterable<String> texts) {
    open("tr");
    for (String text : texts) {
      text(cell, text);
    }
    return close("tr");
  }

  /** A picture within the page. */
  Html picture(byte[] file, String type, String caption, String cssClass) {
    open("figure", cssClass);
    out.append("<img alt=\"")
        .append(Markup.escape(caption))
        .append("\" src=\"data:image/")
        .append(type)
        .append(";base64,")
        .append(Base64.getEncoder().encodeToString(file))
        .append("\">");
    text("figcaption", caption);
    return close("figure");
  }

  /** What is already HTML. */
  Html raw(String html) {
    out.append(html);
    return this;
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
