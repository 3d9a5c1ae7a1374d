package org.efficienttrain.images;

/**
 * What the network is shown at one moment, as far as the workers are concerned.
 *
 * @param side side in pixels of the square that a {@link SampleTransform} writes. With the Fourier
 *     crop on the device this is the training image size; with a low-frequency mode in the workers
 *     it is the bandwidth B.
 * @param magnitude strength of RandAugment, 0 to 10, fractions allowed
 */
public record SampleExposure(int side, double magnitude) {
  public SampleExposure {
    if (side < 1) {
      throw new IllegalArgumentException("the side of an image must be positive, not " + side);
    }
    if (!(magnitude >= 0 && magnitude <= 10)) {
      throw new IllegalArgumentException(
          "the magnitude of an augmentation must be in 0..10, not " + magnitude);
    }
  }

  /** Bytes of one transformed sample: {@code side * side * 3}. */
  public int bytes() {
    return Math.multiplyExact(Math.multiplyExact(side, side), Image.CHANNELS);
  }
}
