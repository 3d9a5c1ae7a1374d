package org.efficienttrain.curriculum.search;

/** A search for a curriculum. */
public interface SearchAlgorithm {
  /** Searches, asking for one training after another. Deterministic in the answers. */
  SearchResult search(Evaluator evaluator);

  /** The same search that gives up no candidate early, to count what it may cost. */
  SearchAlgorithm patient();

  /**
   * An answer to every trial with which the search takes as long as it can, also where the answers
   * to other trials are known.
   *
   * @return in place of an accuracy; may lie outside 0 to 1
   */
  double dearest(Trial trial);
}
