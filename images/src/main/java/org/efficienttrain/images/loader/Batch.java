package org.efficienttrain.images.loader;

import java.nio.ByteBuffer;

/**
 * One batch of pixels in direct memory that the loader uses again: close it as soon as its pixels
 * are copied to the device.
 */
public final class Batch implements AutoCloseable {
  private final Address address;
  private final int side;
  private final ByteBuffer pixels;
  private final int[] labels;
  private final int[] indices;
  private final Runnable release;
  private boolean closed;

  /** Which batch it is: the epoch and the step within it, both from 0. */
  record Address(int epoch, int step) {}

  Batch(
      Address address, int side, ByteBuffer pixels, int[] labels, int[] indices, Runnable release) {
    this.address = address;
    this.side = side;
    this.pixels = pixels;
    this.labels = labels;
    this.indices = indices;
    this.release = release;
  }

  /** Epoch, from 0. */
  public int epoch() {
    return address.epoch;
  }

  /** Step within the epoch, from 0. */
  public int step() {
    return address.step;
  }

  /** Number of samples, at least 1. */
  public int count() {
    return labels.length;
  }

  /** Side in pixels of the square images. */
  public int side() {
    return side;
  }

  /** Class of each sample. */
  public int[] labels() {
    return labels;
  }

  /** Number of each sample in the dataset. */
  public int[] indices() {
    return indices;
  }

  /**
   * {@code count * side * side * 3} bytes of direct memory from position 0 to the limit: samples,
   * rows, columns, RGB (NHWC).
   */
  public ByteBuffer pixels() {
    if (closed) {
      throw new IllegalStateException("this batch is closed and its memory may be in use again");
    }
    return pixels;
  }

  /** Gives the memory back. Closing twice does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      release.run();
    }
  }
}
