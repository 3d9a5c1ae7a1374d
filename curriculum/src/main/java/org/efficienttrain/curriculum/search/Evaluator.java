package org.efficienttrain.curriculum.search;

import java.util.List;

/** Answers the one question a search asks: how good are networks trained like this? */
@FunctionalInterface
public interface Evaluator {
  /**
   * Trains and measures.
   *
   * @param trials may be trained in any order and at once; never empty
   * @return validation accuracy at full bandwidth of each, 0 to 1; NaN where training failed, which
   *     no search prefers
   * @throws BudgetSpent if there is not time for all of them; the search ends with what it has
   */
  List<Double> accuracies(List<Trial> trials);

  /** How many trials are trained at once: a search may ask for some that it will not need. */
  default int atOnce() {
    return 1;
  }

  /** Told every decision as it falls. */
  default void decided(Decision decision) {}
}
