package org.efficienttrain.images;

import java.util.List;

/**
 * Labelled images by number. The order of the samples is stable: the same files give the same
 * numbers on every machine. Implementations are safe for use by many threads at once.
 */
public interface ImageDataset extends AutoCloseable {
  /** Number of samples, at least 1. */
  int size();

  /** Class of a sample, 0 to {@code classes().size() - 1}; -1 in a dataset without labels. */
  int label(int index);

  /**
   * The stable name of a sample: its path relative to the dataset, with forward slashes. It is what
   * messages call the sample, and what a split by hash goes by.
   */
  String name(int index);

  /**
   * The encoded bytes of a sample: a whole JPEG, PNG, WebP, BMP, TIFF, or, for datasets of raw
   * pixels, binary PPM file. The array is the caller's to read and not to change: a cache may hand
   * out the same one again.
   *
   * @throws BrokenImageException when the bytes of this sample cannot be read
   */
  byte[] read(int index);

  /** Names of the classes, in the order of their labels; empty in a dataset without labels. */
  List<String> classes();

  /**
   * A hash (64 hexadecimal digits) over classes, names, labels and stored lengths: equal for the
   * same dataset wherever it lies, different when a file is added, removed, renamed or resized. It
   * does not read the images.
   */
  String fingerprint();

  /** Closes what the dataset holds open. Reading afterwards is an error. */
  @Override
  default void close() {}
}
