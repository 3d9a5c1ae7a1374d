package org.efficienttrain.images.dataset;

import java.util.List;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;

/**
 * Images to learn from and images to judge by, with the same classes.
 *
 * @param train what is learned from
 * @param validation what the network is measured on
 * @param description where they came from and how they were divided, for people
 */
public record DatasetSplits(ImageDataset train, ImageDataset validation, String description)
    implements AutoCloseable {
  /**
   * Checks the classes.
   *
   * @throws ImageException if they differ
   */
  public DatasetSplits {
    if (!train.classes().equals(validation.classes())) {
      throw new ImageException(
          "the training and validation images have different classes (%d and %d): use folders of the same names"
              .formatted(train.classes().size(), validation.classes().size()));
    }
  }

  /** Both parts, from anywhere. */
  public DatasetSplits(ImageDataset train, ImageDataset validation) {
    this(train, validation, "");
  }

  /** Names of the classes; empty where the images have no labels. */
  public List<String> classNames() {
    return train.classes();
  }

  @Override
  public void close() {
    train.close();
    validation.close();
  }
}
