package org.efficienttrain.app;

import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.efficienttrain.curriculum.search.Decision;
import org.efficienttrain.training.report.Durations;
import org.efficienttrain.training.search.SearchListener;

/** How the command line shows a search: a line for every training and every decision. */
final class SearchConsole implements SearchListener {
  private final PrintStream out;

  SearchConsole(PrintStream out) {
    this.out = out;
  }

  @Override
  public void began(List<String> runs, Progress progress) {
    out.printf("%d trainings begin; %s%n", runs.size(), text(progress));
  }

  @Override
  public void finished(String run, double accuracy, double seconds, Progress progress) {
    out.printf(
        "  %s: %s in %s; %s%n",
        run,
        Double.isNaN(accuracy) ? "diverged" : percent(accuracy),
        Durations.text(seconds),
        text(progress));
  }

  private static String text(Progress progress) {
    return "%d of at most %d done%s, at most %s left"
        .formatted(
            progress.done(),
            progress.atMost(),
            Double.isNaN(progress.best()) ? "" : ", best " + percent(progress.best()),
            Durations.text(progress.secondsLeft()));
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
