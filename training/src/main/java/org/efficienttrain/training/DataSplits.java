package org.efficienttrain.training;

import org.efficienttrain.images.ImageDataset;

/**
 * The images of a run. The caller opens and closes them.
 *
 * @param train what is learned from
 * @param validation what accuracy is measured on; has the same classes
 */
public record DataSplits(ImageDataset train, ImageDataset validation) {
  public DataSplits {
    if (!train.classes().equals(validation.classes())) {
      throw new UserError(
          "the training and validation images have different classes (%d and %d): use folders of the same names"
              .formatted(train.classes().size(), validation.classes().size()));
    }
    if (train.classes().size() < 2) {
      throw new UserError(
          "the dataset has "
              + train.classes().size()
              + " class, but telling images apart needs at least 2: add a folder per class");
    }
  }

  /** Number of classes. */
  public int classes() {
    return train.classes().size();
  }
}
