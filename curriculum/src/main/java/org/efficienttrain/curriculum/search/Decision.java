package org.efficienttrain.curriculum.search;

import java.util.List;

/**
 * One choice of a search.
 *
 * @param what was decided, for people, such as "stage 3"
 * @param chosen name of the candidate taken
 * @param options every candidate that was looked at, the chosen one among them
 * @param withinNoise whether another choice would have been as good, or nobody knows because there
 *     was one seed
 */
public record Decision(String what, String chosen, List<Option> options, boolean withinNoise) {
  /**
   * A candidate and how it compares.
   *
   * @param measured its accuracies
   * @param difference to the baseline in the greedy search, to the best candidate in the others
   */
  public record Option(Measured measured, Difference difference) {}

  /** Keeps the list unmodifiable. */
  public Decision {
    options = List.copyOf(options);
  }

  /** The option taken. */
  public Option taken() {
    return options.stream()
        .filter(o -> o.measured().candidate().name().equals(chosen))
        .findFirst()
        .orElseThrow();
  }
}
