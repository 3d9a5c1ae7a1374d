package org.efficienttrain.training;

import java.util.List;
import org.efficienttrain.images.ImageDataset;

/**
 * The images of a run. The caller opens and closes them.
 *
 * @param train what is learned from
 * @param validation what the network is measured on; has the same classes
 */
public record DataSplits(ImageDataset train, ImageDataset validation) {
  public DataSplits {
    if (!train.classes().equals(validation.classes())) {
      throw new UserError(
          "the training and validation images have different classes (%d and %d): use folders of the same names"
              .formatted(train.classes().size(), validation.classes().size()));
    }
  }

  /** Names of the classes; empty where the images have no labels. */
  public List<String> classNames() {
    return train.classes();
  }
}
