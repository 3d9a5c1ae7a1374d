package org.efficienttrain.training.batch;

/** Mean and deviation of the colours that every network here expects: those of ImageNet. */
public final class Normalisation {
  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] STD = {0.229, 0.224, 0.225};

  private Normalisation() {}

  /** Mean of red, green and blue in 0..1. */
  public static double[] mean() {
    return MEAN.clone();
  }

  /** Standard deviation of red, green and blue in 0..1. */
  public static double[] std() {
    return STD.clone();
  }
}
