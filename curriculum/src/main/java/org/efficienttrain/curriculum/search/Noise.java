package org.efficienttrain.curriculum.search;

import java.util.List;

/**
 * How much accuracies vary for no reason that matters.
 *
 * <p>It is what remains of them when the mean of each candidate and of each seed is taken away: the
 * residual of a randomised block design whose blocks are the seeds. It is pooled over comparisons,
 * since two or three seeds say little of it alone.
 *
 * @param squares sum of the squared residuals
 * @param freedom their degrees of freedom; 0 while nothing is known
 */
record Noise(double squares, int freedom) {
  static final Noise UNKNOWN = new Noise(0, 0);

  /** Standard error of the mean difference of two candidates over n seeds; NaN where unknown. */
  double errorOfDifference(int n) {
    return freedom == 0 ? Double.NaN : Math.sqrt(2 * squares / freedom / n);
  }

  /**
   * The same with one comparison more.
   *
   * @param accuracies of each candidate by seed; those that failed or are made up are left out, and
   *     so are the seeds that not all have
   */
  Noise with(List<List<Double>> accuracies) {
    List<List<Double>> rows =
        accuracies.stream().filter(row -> row.stream().allMatch(a -> a >= 0 && a <= 1)).toList();
    int n = rows.stream().mapToInt(List::size).min().orElse(0);
    if (rows.size() < 2 || n < 2) {
      return this;
    }
    double all = rows.stream().mapToDouble(row -> mean(row, n)).average().orElseThrow();
    double sum = squares;
    for (int i = 0; i < n; i++) {
      int seed = i;
      double ofSeed = rows.stream().mapToDouble(row -> row.get(seed)).average().orElseThrow();
      for (List<Double> row : rows) {
        double residual = row.get(seed) - ofSeed - mean(row, n) + all;
        sum += residual * residual;
      }
    }
    return new Noise(sum, freedom + (rows.size() - 1) * (n - 1));
  }

  private static double mean(List<Double> row, int n) {
    return row.subList(0, n).stream().mapToDouble(a -> a).average().orElseThrow();
  }
}
