package org.efficienttrain.curriculum.search;

/**
 * How much better one candidate is than another: the mean of the differences seed by seed, so that
 * what a seed does to both does not count.
 *
 * @param mean in accuracy
 * @param standardError of the mean, from the spread that seeds leave in all comparisons of the
 *     search so far; NaN while there was one seed only
 */
public record Difference(double mean, double standardError) {
  /** None, of a candidate from itself. */
  static final Difference ZERO = new Difference(0, 0);

  /**
   * Whether it is below a limit by more than some standard errors. An unknown error counts as 0.
   * One that is no number is below everything.
   */
  public boolean below(double limit, double errors) {
    if (Double.isInfinite(errors)) {
      return Double.isNaN(mean);
    }
    return !(mean + (Double.isNaN(standardError) ? 0 : errors * standardError) >= limit);
  }

  /** Whether it is within some standard errors of a limit, or the error is unknown. */
  public boolean unclear(double limit, double errors) {
    return Double.isNaN(standardError) || Math.abs(mean - limit) <= errors * standardError;
  }
}
