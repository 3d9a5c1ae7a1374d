package org.efficienttrain.training;

/** Made-up images for tests of other packages. */
public final class StripesData {
  private StripesData() {}

  /** Images to train on and to measure on. */
  public static DataSplits splits(int train, int validation, int side) {
    return new DataSplits(
        new StripesDataset(train, side, 1), new StripesDataset(validation, side, 2));
  }
}
