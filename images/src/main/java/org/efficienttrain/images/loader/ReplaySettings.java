package org.efficienttrain.images.loader;

import org.efficienttrain.images.Image;

/**
 * The replay buffer of EfficientTrain++ (section 5 of the paper, for machines whose processors
 * cannot feed their accelerators): only a {@code times}-th part of each batch is loaded, the rest
 * is drawn, with replacement, from the samples loaded last. An epoch is still one pass over the
 * loaded data and therefore has {@code times} as many steps; whoever switches replay on divides the
 * epochs by {@code times} to train on as many samples as before.
 *
 * <p>Differences from the official code: samples are kept as bytes, not as half-precision floats,
 * so that normalisation, erasing and the low-frequency crop on the device are applied afresh; they
 * are drawn one by one instead of in 32 chunks per batch; and drawing is seeded, so that a run
 * started again continues with the same bytes.
 *
 * @param times how often a loaded sample is used on average, at least 2
 * @param capacity samples kept, on each rank
 */
public record ReplaySettings(int times, int capacity) {
  public ReplaySettings {
    if (times < 2) {
      throw new IllegalArgumentException("replay uses a sample at least twice, not " + times);
    }
    if (capacity < 1) {
      throw new IllegalArgumentException("a replay buffer holds at least 1 sample");
    }
  }

  /** The settings whose buffer fits a number of bytes when images have this side. */
  public static ReplaySettings within(int times, long bytes, int side) {
    long capacity = bytes / ((long) side * side * Image.CHANNELS);
    return new ReplaySettings(times, (int) Math.min(Integer.MAX_VALUE, Math.max(1, capacity)));
  }

  /** Memory of the full buffer when images have this side, in bytes. */
  public long bytes(int side) {
    return (long) capacity * side * side * Image.CHANNELS;
  }

  /** The memory that will be used, for people, to be said before a run starts. */
  public String describe(int largestSide) {
    return "replay buffer: %d images, each loaded once and used %d times on average, %.2f GB at %d x %d"
        .formatted(capacity, times, bytes(largestSide) / 1e9, largestSide, largestSide);
  }
}
