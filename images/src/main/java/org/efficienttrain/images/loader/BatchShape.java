package org.efficienttrain.images.loader;

import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.SampleExposure;

/**
 * How many samples a batch has on this rank, and how they are shown.
 *
 * @param count samples per batch and rank, at least 1; the last batch of an evaluation has fewer
 */
public record BatchShape(int count, SampleExposure exposure) {
  public BatchShape {
    if (count < 1) {
      throw new IllegalArgumentException("a batch needs at least one image, not " + count);
    }
  }

  /** Bytes of the pixels of a whole batch. */
  int bytes() {
    long bytes = (long) count * exposure.bytes();
    if (bytes > Integer.MAX_VALUE) {
      throw new ImageException(
          "a batch of %d images of %d x %d pixels does not fit 2 GiB: use a smaller micro-batch"
              .formatted(count, exposure.side(), exposure.side()));
    }
    return (int) bytes;
  }
}
