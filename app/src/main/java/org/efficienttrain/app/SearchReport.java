package org.efficienttrain.app;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.search.Decision;
import org.efficienttrain.curriculum.search.Measured;
import org.efficienttrain.training.report.Durations;
import org.efficienttrain.training.search.CurriculumSearch;

/** What a search came to, in words. */
final class SearchReport {
  private SearchReport() {}

  /**
   * A line for every decision, what was found, and what to do with it.
   *
   * @param training the command that trains with it
   */
  static String text(CurriculumSearch.Outcome outcome, Path picture, String training) {
    StringBuilder text = new StringBuilder();
    if (!outcome.result().decisions().isEmpty()) {
      text.append(row("decision", "taken", "accuracy", "best of the others"));
      outcome.result().decisions().forEach(decision -> text.append(row(decision)));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%s%n%s%d trainings, %.1f equivalent runs, %s of training%n%s%n%s%ntrain with it: %s",
            words(outcome.result().curriculum()),
            outcome.result().complete()
                ? ""
                : "the budget ended the search early, and with more of it the same command goes on; ",
            outcome.trainings(),
            outcome.equivalentRuns(),
            Durations.text(outcome.seconds()),
            outcome.file(),
            picture,
            training));
    return text.toString();
  }

  /** Such as {@code B 96 for 20.0%, 224 for 80.0% of the epochs; m 1.00, 9.00}. */
  private static String words(Curriculum curriculum) {
    String bandwidths =
        curriculum.stages().stream()
            .map(s -> String.format(Locale.ROOT, "%d for %.3g%%", s.bandwidth(), 100 * s.share()))
            .collect(Collectors.joining(", "));
    String magnitudes =
        curriculum.stages().stream()
            .map(s -> String.format(Locale.ROOT, "%.3g", s.magnitude()))
            .collect(Collectors.joining(", "));
    return "B " + bandwidths + " of the " + curriculum.clock().word() + "; m " + magnitudes;
  }

  private static String row(Decision decision) {
    Measured taken = decision.taken().measured();
    Optional<Measured> other =
        decision.options().stream()
            .map(Decision.Option::measured)
            .filter(m -> !m.equals(taken) && !Double.isNaN(m.mean()))
            .max(Comparator.comparingDouble(Measured::mean));
    return row(
        decision.what(),
        taken.candidate().name(),
        accuracy(taken),
        other.map(m -> m.candidate().name() + ": " + accuracy(m)).orElse("none")
            + (decision.withinNoise() ? ", within the noise" : ""));
  }

  private static String row(String what, String taken, String accuracy, String other) {
    return String.format(Locale.ROOT, "%-12s %-16s %-18s %s%n", what, taken, accuracy, other);
  }

  private static String accuracy(Measured measured) {
    String mean = String.format(Locale.ROOT, "%.2f%%", 100 * measured.mean());
    double error = measured.standardError();
    return Double.isNaN(error) ? mean : mean + String.format(Locale.ROOT, " +- %.2f", 100 * error);
  }
}
