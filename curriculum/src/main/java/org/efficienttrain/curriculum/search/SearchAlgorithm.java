package org.efficienttrain.curriculum.search;

import java.util.Map;

/** A search for a curriculum. */
public interface SearchAlgorithm {
  /** Searches, asking for one training after another. Deterministic in the answers. */
  SearchResult search(Evaluator evaluator);

  /**
   * What decides the result besides what is trained on: the algorithm, its candidates, its numbers,
   * by name and in the order in which people read them. Equal for equal searches only.
   */
  Map<String, Object> settings();

  /**
   * An answer to every trial with which the search takes as long as it can, also where the answers
   * to other trials are known.
   *
   * @return in place of an accuracy, below 0 or above 1: made up, so that the search does not give
   *     up candidates by it, and learns nothing of the noise from it
   */
  double dearest(Trial trial);
}
