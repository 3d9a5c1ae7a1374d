package org.efficienttrain.curriculum;

/**
 * A run that is cut short: it follows the whole run up to a point of its clock and ends in a short
 * fine-tuning at full bandwidth, so that networks of any point compare. This is how
 * EfficientTrain++ judges a part of a curriculum.
 *
 * <p>Up to the cut, steps, images and learning rates depend on nothing that comes after it: two
 * such runs whose stages agree up to a step do the same up to there. See {@link
 * LearningRate#wholeRun}.
 *
 * @param at share of the whole run's clock at which it is cut, above 0; 1 for a whole run
 * @param annealing length of the fine-tuning as a share of the whole run, above 0 and at most 1; 0
 *     for a whole run
 */
public record Cut(double at, double annealing) {
  /** A whole run. */
  public static final Cut NONE = new Cut(1, 0);

  /**
   * Checks the ranges.
   *
   * @throws CurriculumException naming what is out of range
   */
  public Cut {
    if (!(at > 0 && at <= 1) || !(annealing >= 0 && annealing <= 1)) {
      throw new CurriculumException(
          "A run is cut at a share above 0 and at most 1 and fine-tuned for a share of 0 to 1, not %s and %s."
              .formatted(at, annealing));
    }
    if ((at == 1) != (annealing == 0)) {
      throw new CurriculumException(
          "A run that is cut at %s and fine-tuned for %s of its length cannot be: a whole run has 1 and 0, one cut short less than 1 and more than 0."
              .formatted(at, annealing));
    }
  }

  /** Whether the run is whole. */
  public boolean isNone() {
    return at == 1;
  }
}
