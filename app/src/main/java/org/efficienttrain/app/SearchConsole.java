package org.efficienttrain.app;

import java.io.PrintStream;
import java.util.Comparator;
import java.util.Locale;
import org.efficienttrain.curriculum.search.Decision;
import org.efficienttrain.training.report.Durations;
import org.efficienttrain.training.search.SearchListener;

/** How the command line shows a search: a line for every training and every decision. */
final class SearchConsole implements SearchListener {
  private final PrintStream out;
  private double best = Double.NaN;

  SearchConsole(PrintStream out) {
    this.out = out;
  }

  @Override
  public void began(String run, Progress progress) {
    out.printf(
        "%d of at most %d trainings done, at most %s left%s: %s%n",
        progress.done(),
        progress.atMost(),
        Durations.text(progress.secondsLeft()),
        Double.isNaN(best) ? "" : ", best " + percent(best),
        run);
  }

  @Override
  public void finished(String run, double accuracy, double seconds) {
    best = Double.isNaN(best) ? accuracy : Math.max(best, accuracy);
    out.printf(
        "  %s: %s in %s%n",
        run, Double.isNaN(accuracy) ? "diverged" : percent(accuracy), Durations.text(seconds));
  }

  @Override
  public void decided(Decision decision) {
    out.printf(
        "%s: %s%s (",
        decision.what(), decision.chosen(), decision.withinNoise() ? ", within the noise" : "");
    StringBuilder all = new StringBuilder();
    decision.options().stream()
        .sorted(Comparator.comparing((Decision.Option o) -> -o.measured().mean()))
        .forEach(
            o ->
                all.append(all.length() == 0 ? "" : ", ")
                    .append(o.measured().candidate().name())
                    .append(' ')
                    .append(percent(o.measured().mean())));
    out.println(all + ")");
  }

  private static String percent(double accuracy) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * accuracy);
  }
}
