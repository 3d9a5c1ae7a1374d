package org.efficienttrain.training.evaluation;

import java.util.ArrayList;
import java.util.List;

/**
 * How far a network's confidence can be believed: images in bins of equal width by the probability
 * of their prediction (Guo et al., "On calibration of modern neural networks", ICML 2017).
 *
 * @param bins from the least confident
 */
public record Calibration(List<Bin> bins) {
  /** The field's number of bins. */
  public static final int BINS = 15;

  /**
   * Images of about the same confidence: bin i of n holds confidences in (i/n, (i+1)/n].
   *
   * @param count images in it
   * @param confidence their mean confidence, 0 where there are none
   * @param accuracy share of them that were predicted rightly, 0 where there are none
   */
  public record Bin(long count, double confidence, double accuracy) {}

  public Calibration {
    bins = List.copyOf(bins);
  }

  /** Sorts outcomes into {@link #BINS} bins. */
  public static Calibration of(Outcomes outcomes) {
    long[] counts = new long[BINS];
    double[] confidences = new double[BINS];
    long[] correct = new long[BINS];
    for (Outcome outcome : outcomes.all()) {
      int bin = (int) Math.ceil(outcome.confidence() * BINS) - 1;
      bin = Math.max(0, Math.min(BINS - 1, bin));
      counts[bin]++;
      confidences[bin] += outcome.confidence();
      correct[bin] += outcome.correct() ? 1 : 0;
    }
    List<Bin> bins = new ArrayList<>();
    for (int i = 0; i < BINS; i++) {
      double count = Math.max(1, counts[i]);
      bins.add(new Bin(counts[i], confidences[i] / count, correct[i] / count));
    }
    return new Calibration(bins);
  }

  /** Expected calibration error: the mean distance of confidence and accuracy over all images. */
  public double error() {
    long images = bins.stream().mapToLong(Bin::count).sum();
    double distance =
        bins.stream().mapToDouble(b -> b.count() * Math.abs(b.confidence() - b.accuracy())).sum();
    return images == 0 ? 0 : distance / images;
  }
}
