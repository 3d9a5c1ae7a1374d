package org.efficienttrain.tensor.export;

import org.efficienttrain.tensor.TensorException;

/**
 * A whole number of a graph: a size or another argument that is fixed, or grows with the batch.
 *
 * @param fixed the number, where {@code perImage} is 0; else 0
 * @param perImage the number for each image of the batch; 0 for a fixed one
 */
public record Extent(long fixed, long perImage) {

  /** A number that is the same for every batch. */
  static Extent of(long fixed) {
    return new Extent(fixed, 0);
  }

  /**
   * The number that had these values under two batch sizes.
   *
   * @throws TensorException if it is neither fixed nor proportional to the batch
   */
  static Extent of(long first, long firstBatch, long second, long secondBatch) {
    if (first == second) {
      return of(first);
    }
    if (first % firstBatch == 0 && first / firstBatch * secondBatch == second) {
      return new Extent(0, first / firstBatch);
    }
    throw new TensorException(
        String.format(
            "the network cannot be exported: a size is %d for a batch of %d and %d for %d, which is"
                + " no multiple of the batch",
            first, firstBatch, second, secondBatch));
  }

  public boolean isFixed() {
    return perImage == 0;
  }
}
