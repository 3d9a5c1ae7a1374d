package org.efficienttrain.images.dataset;

import org.efficienttrain.images.ImageDataset;

/**
 * Images to train on and images to judge by, with the same classes.
 *
 * @param description where they came from and how they were divided, for people
 */
public record DatasetSplits(ImageDataset train, ImageDataset validation, String description)
    implements AutoCloseable {
  @Override
  public void close() {
    train.close();
    validation.close();
  }
}
