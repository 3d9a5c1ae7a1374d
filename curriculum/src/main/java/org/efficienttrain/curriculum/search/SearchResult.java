package org.efficienttrain.curriculum.search;

import java.util.List;
import org.efficienttrain.curriculum.Curriculum;

/**
 * What a search found.
 *
 * @param curriculum the curriculum
 * @param decisions how it came to it, in the order in which they fell
 * @param complete whether the search went to its end; else the budget was spent, and what was not
 *     decided is as before the search
 */
public record SearchResult(Curriculum curriculum, List<Decision> decisions, boolean complete) {
  /** Keeps the list unmodifiable. */
  public SearchResult {
    decisions = List.copyOf(decisions);
  }
}
