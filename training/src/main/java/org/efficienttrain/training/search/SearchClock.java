package org.efficienttrain.training.search;

import java.util.Collection;
import org.efficienttrain.curriculum.search.BudgetSpent;
import org.efficienttrain.curriculum.search.SharedRuns.Planned;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.report.Durations;

/**
 * The time of a search: what was spent, what trainings will take, and whether the budget lasts.
 *
 * <p>What trainings take is estimated from a few steps, and set right by what those before took.
 */
final class SearchClock {
  /** A comparison that is under way may end so much later than the budget. */
  private static final double GRACE = 1.1;

  private final SearchSpeeds speeds;
  private final double budget;
  private final int atOnce;
  private final long start = System.nanoTime();
  private final double before;
  private double taken;
  private double estimated;

  /**
   * Starts the clock.
   *
   * @param budget seconds that all trainings may take; infinite for any
   * @param atOnce trainings that go on at the same time
   * @param done trainings of earlier calls
   */
  SearchClock(
      SearchSpeeds speeds, double budget, int atOnce, Collection<SearchJournal.Entry> done) {
    this.speeds = speeds;
    this.budget = budget;
    this.atOnce = atOnce;
    this.before = done.stream().mapToDouble(SearchJournal.Entry::seconds).sum() / atOnce;
  }

  /** A training took so many seconds, of a search that makes several at once. */
  void took(Planned planned, long firstStep, double seconds) {
    taken += seconds / atOnce;
    estimated += speeds.seconds(planned, firstStep);
  }

  /** What a training adds to the time of the search. */
  double seconds(Planned planned, long firstStep) {
    double pace = taken > 0 ? taken / estimated : 1;
    return pace * speeds.seconds(planned, firstStep);
  }

  private double spent() {
    return before + (System.nanoTime() - start) / 1e9;
  }

  /**
   * Before a comparison.
   *
   * @param seconds that its trainings take
   * @param first whether nothing was trained yet
   * @throws UserError if not even the first fits into the budget
   * @throws BudgetSpent if it does not fit
   */
  void check(double seconds, boolean first) {
    if (first && seconds > budget) {
      throw new UserError(
          message(seconds, 0) + ": give more --budget, fewer --epochs or fewer --seeds");
    }
    if (!first && spent() + seconds > budget) {
      throw new BudgetSpent(message(seconds, spent()));
    }
  }

  /**
   * Within a comparison.
   *
   * @param seconds that the rest of it takes
   * @throws BudgetSpent if it would end too late
   */
  void checkRest(double seconds) {
    if (seconds > 0 && spent() + seconds > GRACE * budget) {
      throw new BudgetSpent(message(seconds, spent()));
    }
  }

  private String message(double seconds, double spent) {
    return "the budget of %s is too small for the next trainings, which take about %s after %s"
        .formatted(Durations.text(budget), Durations.text(seconds), Durations.text(spent));
  }
}
