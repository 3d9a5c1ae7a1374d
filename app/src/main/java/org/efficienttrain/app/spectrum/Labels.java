package org.efficienttrain.app.spectrum;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.util.concurrent.atomic.AtomicBoolean;

/** Writing in pictures, left out where the machine has no fonts. */
final class Labels {
  private static final AtomicBoolean MISSING = new AtomicBoolean();

  private Labels() {}

  /** Writes a line whose foot stands at y. */
  static void draw(Graphics2D g, String text, int x, int y, int size, Color colour) {
    if (MISSING.get()) {
      return;
    }
    try {
      g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, size));
      g.setColor(colour);
      g.drawString(text, x, y);
    } catch (RuntimeException | LinkageError | InternalError e) { // no fontconfig, or no font in it
      if (!MISSING.getAndSet(true)) {
        System.err.println(
            "note: pictures have no captions, because this machine has no fonts: install"
                + " fontconfig and fonts-dejavu-core");
      }
    }
  }
}
