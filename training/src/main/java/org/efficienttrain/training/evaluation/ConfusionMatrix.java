package org.efficienttrain.training.evaluation;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Which classes were taken for which. What divides by zero is 0, as in scikit-learn. */
public final class ConfusionMatrix {
  private final long[][] counts;

  private ConfusionMatrix(int classes) {
    this.counts = new long[classes][classes];
  }

  /** Counts outcomes. */
  public static ConfusionMatrix of(Outcomes outcomes) {
    ConfusionMatrix matrix = new ConfusionMatrix(outcomes.classes());
    outcomes.all().forEach(o -> matrix.counts[o.label()][o.prediction()]++);
    return matrix;
  }

  /** Images of a class that were taken for another, or for itself. */
  public long count(int label, int prediction) {
    return counts[label][prediction];
  }

  /** Share of the images of a class that were taken for another, or for itself; 0 to 1. */
  public double share(int label, int prediction) {
    return ratio(counts[label][prediction], support(label));
  }

  /** Number of classes. */
  public int classes() {
    return counts.length;
  }

  /** Images of a class. */
  public long support(int label) {
    return IntStream.range(0, classes()).mapToLong(c -> counts[label][c]).sum();
  }

  /** Images taken for a class. */
  public long predicted(int label) {
    return IntStream.range(0, classes()).mapToLong(c -> counts[c][label]).sum();
  }

  /** Share of the images taken for a class that are of it. */
  public double precision(int label) {
    return ratio(counts[label][label], predicted(label));
  }

  /** Share of the images of a class that were taken for it: the accuracy of that class. */
  public double recall(int label) {
    return ratio(counts[label][label], support(label));
  }

  /** Harmonic mean of precision and recall. */
  public double f1(int label) {
    return ratio(2 * counts[label][label], support(label) + predicted(label));
  }

  /** Mean F1 of the classes that occur among labels or predictions. */
  public double macroF1() {
    return IntStream.range(0, classes())
        .filter(c -> support(c) + predicted(c) > 0)
        .mapToDouble(this::f1)
        .average()
        .orElse(0);
  }

  /** Mean precision of the classes that occur among labels or predictions. */
  public double macroPrecision() {
    return IntStream.range(0, classes())
        .filter(c -> support(c) + predicted(c) > 0)
        .mapToDouble(this::precision)
        .average()
        .orElse(0);
  }

  /** Mean recall of the classes that have images. */
  public double balancedAccuracy() {
    return mean(this::recall);
  }

  private double mean(IntToDoubleFunction ofClass) {
    return IntStream.range(0, classes())
        .filter(c -> support(c) > 0)
        .mapToDouble(ofClass)
        .average()
        .orElse(0);
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
