package org.efficienttrain.curriculum;

import java.util.Locale;

/**
 * What the shares of a curriculum's stages are shares of, and so what "progress" means in a plan.
 */
public enum Clock {
  /**
   * Shares are of the passes over the data (EfficientTrain): the number of epochs and of optimiser
   * steps equals the baseline's, and the run is cheaper because early steps are.
   */
  EPOCHS {
    @Override
    public double work(double imageCost) {
      return 1;
    }
  },

  /**
   * Shares are of the compute (EfficientTrain++): a run of E epochs costs as much as E epochs at
   * full bandwidth, and spends what a small bandwidth saves on more passes over the data.
   */
  COMPUTE {
    @Override
    public double work(double imageCost) {
      return imageCost;
    }
  };

  /**
   * How far one image moves this clock.
   *
   * @param imageCost cost of the image relative to one at full bandwidth, above 0
   * @return in images at full bandwidth, above 0
   */
  public abstract double work(double imageCost);

  /** The word for it in the text of a curriculum: {@code epochs} or {@code compute}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
