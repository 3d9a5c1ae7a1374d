package org.efficienttrain.training.evaluation;

/**
 * How far a network's confidence can be believed: images in bins of equal width by the probability
 * of their prediction (Guo et al., "On calibration of modern neural networks", ICML 2017).
 *
 * @param counts images in each bin; bin i of n holds confidences in (i/n, (i+1)/n]
 * @param confidences mean confidence in each bin, 0 where it is empty
 * @param accuracies share of right predictions in each bin, 0 where it is empty
 */
public record Calibration(long[] counts, double[] confidences, double[] accuracies) {
  /** The field's number of bins. */
  public static final int BINS = 15;

  /** Sorts outcomes into {@link #BINS} bins. */
  public static Calibration of(Outcomes outcomes) {
    long[] counts = new long[BINS];
    double[] confidences = new double[BINS];
    double[] accuracies = new double[BINS];
    for (int i = 0; i < outcomes.size(); i++) {
      double confidence = outcomes.confidences()[i];
      int bin = Math.max(0, Math.min(BINS - 1, (int) Math.ceil(confidence * BINS) - 1));
      counts[bin]++;
      confidences[bin] += confidence;
      accuracies[bin] += outcomes.correct(i) ? 1 : 0;
    }
    for (int bin = 0; bin < BINS; bin++) {
      long count = Math.max(1, counts[bin]);
      confidences[bin] /= count;
      accuracies[bin] /= count;
    }
    return new Calibration(counts, confidences, accuracies);
  }

  /** Expected calibration error: the mean distance of confidence and accuracy over all images. */
  public double error() {
    long images = 0;
    double distance = 0;
    for (int bin = 0; bin < counts.length; bin++) {
      images += counts[bin];
      distance += counts[bin] * Math.abs(confidences[bin] - accuracies[bin]);
    }
    return images == 0 ? 0 : distance / images;
  }
}
