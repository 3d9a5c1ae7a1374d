package org.efficienttrain.curriculum.search;

import java.util.List;

/**
 * A candidate with the accuracies of its runs.
 *
 * @param candidate the choice
 * @param accuracies one for each seed, in the order of the seeds; fewer where the candidate was
 *     hopeless before the last, NaN where a run failed
 */
public record Measured(Candidate candidate, List<Double> accuracies) {
  /** Keeps the list unmodifiable. */
  public Measured {
    accuracies = List.copyOf(accuracies);
  }

  /** Mean accuracy; NaN where a run failed. */
  public double mean() {
    return accuracies.stream().mapToDouble(a -> a).average().orElse(Double.NaN);
  }

  /** Standard error of the mean; NaN with one seed. */
  public double standardError() {
    int n = accuracies.size();
    double mean = mean();
    double squares = accuracies.stream().mapToDouble(a -> (a - mean) * (a - mean)).sum();
    return n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n);
  }
}
