package org.efficienttrain.images.loader;

import java.nio.ByteBuffer;

/**
 * One batch of pixels in direct memory that the loader uses again: close it as soon as its pixels
 * are copied to the device.
 */
public final class Batch implements AutoCloseable {
  private final long step;
  private final BatchAddress address;
  private final ByteBuffer pixels;
  private final int[] labels;
  private final int[] indices;
  private final Runnable release;
  private boolean closed;

  Batch(
      long step,
      BatchAddress address,
      ByteBuffer pixels,
      int[] labels,
      int[] indices,
      Runnable release) {
    this.step = step;
    this.address = address;
    this.pixels = pixels;
    this.labels = labels;
    this.indices = indices;
    this.release = release;
  }

  /** Epoch, from 0. */
  public int epoch() {
    return address.epoch();
  }

  /** Step of the run, from 0. */
  public long step() {
    return step;
  }

  /** Number of samples, at least 1. */
  public int count() {
    return labels.length;
  }

  /** Side in pixels of the square images. */
  public int side() {
    return address.exposure().side();
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
