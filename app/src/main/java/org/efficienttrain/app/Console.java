package org.efficienttrain.app;

import java.io.PrintStream;
import java.util.Locale;
import org.efficienttrain.images.Progress;
import org.efficienttrain.training.report.ProgressLine;
import org.efficienttrain.training.report.TrainingListener;

/** How the command line shows progress: on standard error, one line that updates on a terminal. */
final class Console {
  private Console() {}

  /** Whether standard error is a terminal; the launcher knows. */
  static boolean isTerminal() {
    return Boolean.getBoolean("et.terminal");
  }

  /** Shows a training run. */
  static TrainingListener training() {
    return new ProgressLine(System.err, isTerminal());
  }

  /** Shows something countable: a line a second on a terminal, a line at the end elsewhere. */
  static Progress progress() {
    return new Countable(System.err, isTerminal());
  }

  private static final class Countable implements Progress {
    private final PrintStream out;
    private final boolean terminal;
    private String current = "";
    private long started;
    private long shown;

    Countable(PrintStream out, boolean terminal) {
      this.out = out;
      this.terminal = terminal;
    }

    @Override
    public synchronized void update(String what, long done, long total) {
      long now = System.nanoTime();
      if (!what.equals(current)) {
        current = what;
        started = now;
        shown = 0;
      }
      boolean last = done == total;
      long pause = terminal ? 200_000_000L : 10_000_000_000L;
      if (!last && now - shown < pause) {
        return;
      }
      shown = now;
      String text = describe(what, done, total, (now - started) / 1e9);
      if (terminal) {
        out.print("\r\033[K" + text + (last ? "\n" : ""));
      } else {
        out.println(text);
      }
      out.flush();
    }

    private static String describe(String what, long done, long total, double seconds) {
      String text = what + ": " + done + (total < 0 ? "" : " of " + total);
      if (seconds < 1 || done == 0) {
        return text;
      }
      double rate = done / seconds;
      text += String.format(Locale.ROOT, rate < 10 ? ", %.1f/s" : ", %,.0f/s", rate);
      return total > done
          ? text + String.format(Locale.ROOT, ", %.0f s left", (total - done) / rate)
          : text;
    }
  }
}
