package org.efficienttrain.images;

/** Told how far something long has come. Called from one thread at a time, but from any. */
@FunctionalInterface
public interface Progress {
  /** Tells nobody. */
  Progress NONE = (what, done, total) -> {};

  /**
   * Something has been done.
   *
   * @param what what is going on, for people, for example {@code "packing"}
   * @param done in units of the caller's, images or bytes
   * @param total in the same units, or -1 when unknown
   */
  void update(String what, long done, long total);
}
