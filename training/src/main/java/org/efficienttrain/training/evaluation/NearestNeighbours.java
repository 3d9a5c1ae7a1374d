package org.efficienttrain.training.evaluation;

import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * Classification by the most similar training images, without any training: how good a network's
 * features are by themselves. The k most similar by cosine vote for their class with weight
 * exp(similarity / T), as in DINO (Caron et al., "Emerging properties in self-supervised vision
 * transformers", ICCV 2021) after Wu et al., "Unsupervised feature learning via non-parametric
 * instance discrimination", CVPR 2018.
 */
public final class NearestNeighbours implements AutoCloseable {
  /** The T of both papers. */
  public static final double TEMPERATURE = 0.07;

  private static final double SMALLEST_NORM = 1e-12;

  /** Similarities computed at once. */
  private static final long BLOCK = 1 << 24;

  private final Tensor bank;
  private final int[] labels;
  private final int classes;
  private final int neighbours;

  /**
   * Remembers training images.
   *
   * @param features one description of each after the other
   * @param labels class of each
   * @param classes number of classes
   * @param neighbours k, at least 1; at most the number of images count
   * @param device where similarities are computed
   */
  public NearestNeighbours(
      float[] features, int[] labels, int classes, int neighbours, Device device) {
    this.labels = labels.clone();
    this.classes = classes;
    this.neighbours = Math.min(neighbours, labels.length);
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open()) {
      int dims = features.length / labels.length;
      Tensor all = Tensors.of(features, labels.length, dims).to(device);
      this.bank = Scope.outlive(unit(all));
    }
  }

  private static Tensor unit(Tensor rows) {
    Tensor norms = rows.square().sum(new long[] {1}, true).sqrt();
    return rows.div(norms.clamp(SMALLEST_NORM, Float.MAX_VALUE));
  }

  /**
   * What the neighbours of some images vote for.
   *
   * @param features (M, D) on any device
   * @return the votes for each class, M rows of them
   */
  public double[][] votes(Tensor features) {
    int queries = (int) features.size(0);
    double[][] votes = new double[queries][classes];
    int step = (int) Math.max(1, BLOCK / labels.length);
    for (int from = 0; from < queries; from += step) {
      try (NoGrad noGrad = NoGrad.open();
          Scope scope = Scope.open()) {
        Tensor part = features.narrow(0, from, Math.min(step, queries - from)).to(bank.device());
        Tensor similarities = unit(part).matmul(bank.transpose(0, 1));
        Tensor nearest = similarities.topkIndices(neighbours, 1);
        count(nearest.toLongs(), similarities.gather(1, nearest).toFloats(), votes, from);
      }
    }
    return votes;
  }

  private void count(long[] nearest, float[] similarities, double[][] votes, int from) {
    for (int i = 0; i < nearest.length; i++) {
      int label = labels[(int) nearest[i]];
      votes[from + i / neighbours][label] += Math.exp(similarities[i] / TEMPERATURE);
    }
  }

  @Override
  public void close() {
    bank.close();
  }
}
