package org.efficienttrain.images.augment;

/** Where and how a sample is reduced from the training size S to the bandwidth B. */
public enum LowFrequency {
  /**
   * EfficientTrain (ICCV 2023): workers always produce S x S; the exact low-frequency crop is taken
   * on the device, after normalisation and erasing.
   */
  FOURIER,
  /**
   * EfficientTrain++ (TPAMI 2024): workers crop and augment at S, then resize to B with a Lanczos
   * filter. Only B x B pixels travel to the device.
   */
  LANCZOS,
  /**
   * Ours: the crop is resized straight to B, from a JPEG decoded at the smallest scale that covers
   * B, and what augmentation there is happens at B. Used where there is no policy, while
   * RandAugment's magnitude is 0, and always when {@link AugmentationSpec#augmentAtBandwidth}
   * allows; otherwise as {@link #LANCZOS}.
   */
  DCT;

  /** Whether the workers produce B x B rather than S x S. */
  public boolean inWorkers() {
    return this != FOURIER;
  }
}
