package org.efficienttrain.images.augment;

/** How a training sample is cut out of an image. */
public sealed interface SampleCrop permits RandomResizedCrop, PaddedCrop, SampleCrop.Whole {

  /** No crop: the whole image, warped to the training size when it has another. */
  record Whole() implements SampleCrop {}
}
