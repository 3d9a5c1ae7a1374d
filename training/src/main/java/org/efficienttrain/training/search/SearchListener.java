package org.efficienttrain.training.search;

import org.efficienttrain.curriculum.search.Decision;

/** Watches a search. */
public interface SearchListener {
  /**
   * How far a search is.
   *
   * @param done trainings finished
   * @param atMost trainings if it goes as long as it can from here
   * @param secondsLeft of the longest way from here; NaN where nobody knows
   */
  record Progress(int done, int atMost, double secondsLeft) {}

  /** Trainings begin. */
  default void began(String run, Progress progress) {}

  /**
   * A training is finished.
   *
   * @param accuracy NaN where it diverged
   * @param seconds that it took
   */
  default void finished(String run, double accuracy, double seconds) {}

  /** A decision fell. */
  default void decided(Decision decision) {}
}
