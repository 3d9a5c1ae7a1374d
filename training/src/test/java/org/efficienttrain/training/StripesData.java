package org.efficienttrain.training;

import org.efficienttrain.images.dataset.DatasetSplits;

/** Made-up images for tests of other packages. */
public final class StripesData {
  private StripesData() {}

  /** Images to train on and to measure on. */
  public static DatasetSplits splits(int train, int validation, int side) {
    return new DatasetSplits(
        new StripesDataset(train, side, 1), new StripesDataset(validation, side, 2));
  }
}
