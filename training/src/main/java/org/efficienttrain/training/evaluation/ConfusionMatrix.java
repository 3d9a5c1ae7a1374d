package org.efficienttrain.training.evaluation;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Which classes were taken for which. What divides by zero is 0, as in scikit-learn.
 *
 * @param counts images by class (row) and by what the network took them for (column)
 */
public record ConfusionMatrix(long[][] counts) {
  /** Counts outcomes. */
  public static ConfusionMatrix of(Outcomes outcomes) {
    long[][] counts = new long[outcomes.classes()][outcomes.classes()];
    for (int i = 0; i < outcomes.size(); i++) {
      counts[outcomes.labels()[i]][outcomes.predictions()[i]]++;
    }
    return new ConfusionMatrix(counts);
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

  /** Each row divided by its sum: where the images of a class went, 0 to 1. */
  public double[][] shares() {
    double[][] shares = new double[classes()][classes()];
    for (int row = 0; row < classes(); row++) {
      long sum = support(row);
      for (int column = 0; column < classes(); column++) {
        shares[row][column] = ratio(counts[row][column], sum);
      }
    }
    return shares;
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
