package org.efficienttrain.curriculum.search;

import org.efficienttrain.curriculum.CurriculumException;

/**
 * What counts as a difference between candidates whose accuracies vary with the seed.
 *
 * <p>Candidates are compared seed by seed. What is worse by less than {@code errors} standard
 * errors of the mean difference is taken to be as good, and the cheaper one is chosen: with 1 this
 * is the one-standard-error rule (Breiman et al., Classification and Regression Trees, 1984). What
 * is worse by more than {@code hopeless} standard errors after two seeds gets no more.
 *
 * @param tolerance accuracy that a curriculum may fall short of the baseline in the greedy search,
 *     at least 0
 * @param errors standard errors within which a difference is noise, at least 0
 * @param hopeless standard errors from which a candidate is given up early, at least {@code
 *     errors}; infinite for never
 */
public record NoiseRule(double tolerance, double errors, double hopeless) {
  /**
   * Checks the ranges.
   *
   * @throws CurriculumException naming what is out of range
   */
  public NoiseRule {
    if (!(tolerance >= 0) || !(errors >= 0) || !(hopeless >= errors)) {
      throw new CurriculumException(
          "The tolerance %s and the standard errors %s of a search must be at least 0, and a candidate is given up at no fewer errors than these, not %s."
              .formatted(tolerance, errors, hopeless));
    }
  }

  /** One standard error; given up early at two. */
  public static NoiseRule standard(double tolerance) {
    return new NoiseRule(tolerance, 1, 2);
  }
}
