package org.efficienttrain.curriculum;

/**
 * Answers the one question a search asks: how good is a network trained with this curriculum?
 *
 * <p>An answer is usually a training run. Wrap a slow evaluator in a {@link RememberingEvaluator}
 * to see progress and to take up an interrupted search.
 */
@FunctionalInterface
public interface Evaluator {
  /**
   * Trains with a curriculum and measures.
   *
   * @param curriculum what to train with
   * @param budget length of the training as a part of the full run, above 0, on the curriculum's
   *     clock; may exceed 1 by the length of a fine-tuning
   * @return validation accuracy at full bandwidth, 0 to 1; NaN when training failed, which no
   *     search prefers
   */
  double accuracy(Curriculum curriculum, double budget);
}
