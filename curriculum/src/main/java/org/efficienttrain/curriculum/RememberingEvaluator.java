package org.efficienttrain.curriculum;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Asks another evaluator at most once for each question, and reports each answer.
 *
 * <p>A search is deterministic, so one that starts again with the answers it already had goes the
 * same way without training anew: keep {@link #answers} (or collect them from the listener) and
 * hand them to a new instance.
 */
public final class RememberingEvaluator implements Evaluator {
  private final Evaluator evaluator;
  private final Map<String, Double> answers;
  private final Consumer<Answer> listener;

  /**
   * One answered question.
   *
   * @param curriculum what was trained with
   * @param budget part of the full run
   * @param accuracy the answer
   * @param remembered whether it was known, so that nothing was trained
   */
  public record Answer(Curriculum curriculum, double budget, double accuracy, boolean remembered) {
    /** The question as a line of text: the key of {@link RememberingEvaluator#answers}. */
    public String key() {
      return RememberingEvaluator.key(curriculum, budget);
    }
  }

  /**
   * Wraps an evaluator.
   *
   * @param evaluator asked for what is not known
   * @param known answers of an earlier search by {@link Answer#key}; empty for a fresh one
   * @param listener told every answer, in order
   */
  public RememberingEvaluator(
      Evaluator evaluator, Map<String, Double> known, Consumer<Answer> listener) {
    this.evaluator = evaluator;
    this.answers = new LinkedHashMap<>(known);
    this.listener = listener;
  }

  @Override
  public double accuracy(Curriculum curriculum, double budget) {
    String key = key(curriculum, budget);
    boolean remembered = answers.containsKey(key);
    if (!remembered) {
      answers.put(key, evaluator.accuracy(curriculum, budget));
    }
    double accuracy = answers.get(key);
    listener.accept(new Answer(curriculum, budget, accuracy, remembered));
    return accuracy;
  }

  /** Every answer so far by its key, in the order they were given. A fresh copy. */
  public Map<String, Double> answers() {
    return new LinkedHashMap<>(answers);
  }

  private static String key(Curriculum curriculum, double budget) {
    return curriculum.toText() + " budget " + budget;
  }
}
