package org.efficienttrain.training.search;

import java.util.List;
import org.efficienttrain.curriculum.search.Decision;

/** Watches a search. */
public interface SearchListener {
  /** Watches nothing. */
  SearchListener SILENT = new SearchListener() {};

  /**
   * How far a search is.
   *
   * @param done trainings finished
   * @param atMost trainings if it goes as long as it can from here, those that are done included
   * @param best accuracy so far, 0 to 1; NaN before the first
   * @param secondsLeft of the longest way from here
   */
  record Progress(int done, int atMost, double best, double secondsLeft) {}

  /** Trainings begin: so many at once as there are places, the others after them. */
  default void began(List<String> runs, Progress progress) {}

  /**
   * A training is finished.
   *
   * @param accuracy NaN where it diverged
   * @param seconds that it took
   */
  default void finished(String run, double accuracy, double seconds, Progress progress) {}

  /** A decision fell. */
  default void decided(Decision decision) {}
}
