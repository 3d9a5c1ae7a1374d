package org.efficienttrain.training.task;

/**
 * How well a network does on a set of images, in exact counts.
 *
 * @param images images shown
 * @param correct those whose first guess was right
 * @param correctTop5 those whose first five guesses held the right class
 * @param lossSum sum of their cross-entropies, natural logarithm
 */
public record EvaluationResult(long images, long correct, long correctTop5, double lossSum) {
  /** Share whose first guess was right, 0 to 1. */
  public double accuracy() {
    return (double) correct / images;
  }

  /** Share whose first five guesses held the right class, 0 to 1. */
  public double top5Accuracy() {
    return (double) correctTop5 / images;
  }

  /** Mean cross-entropy. */
  public double loss() {
    return lossSum / images;
  }

  /** Both sets together. */
  public EvaluationResult plus(EvaluationResult other) {
    return new EvaluationResult(
        images + other.images,
        correct + other.correct,
        correctTop5 + other.correctTop5,
        lossSum + other.lossSum);
  }
}
