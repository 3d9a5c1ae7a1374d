package org.efficienttrain.training.task;

import java.util.Arrays;
import org.efficienttrain.images.augment.BatchMix.Mixture;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/** What training makes small. */
public final class Objective {
  private Objective() {}

  /**
   * The mean cross-entropy with smoothed and, where images are mixed, mixed targets.
   *
   * @param logits (N, classes) in float32
   * @param labels the N images' own classes
   * @param mixture how the images were mixed
   * @param smoothing share of the target spread over all classes
   */
  public static Tensor of(Tensor logits, int[] labels, Mixture mixture, double smoothing) {
    if (mixture.identity()) {
      long[] classes = Arrays.stream(labels).asLongStream().toArray();
      return Functional.crossEntropy(logits, Tensors.of(classes).to(logits.device()), smoothing);
    }
    float[] targets = mixture.targets(labels, (int) logits.size(1), smoothing);
    return Functional.softCrossEntropy(
        logits, Tensors.of(targets, labels.length, logits.size(1)).to(logits.device()));
  }
}
