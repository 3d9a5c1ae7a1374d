package org.efficienttrain.images.loader;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.efficienttrain.images.ImageDataset;

/**
 * Keeps the files of samples in memory once they are read, until a budget is used up; the others
 * are read each time. Files and not decoded images: those are ten times as large, and a JPEG is
 * decoded at the scale that each crop needs. So a cache changes no byte of a batch.
 */
public final class CachedDataset implements ImageDataset {
  /** What an array costs besides its bytes. */
  private static final int ARRAY_HEADER = 16;

  private final ImageDataset base;
  private final long budget;
  private final AtomicLong used = new AtomicLong();
  private final AtomicReferenceArray<byte[]> kept;

  /**
   * Wraps a dataset.
   *
   * @param budget most bytes to keep
   */
  public CachedDataset(ImageDataset base, long budget) {
    this.base = base;
    this.budget = budget;
    this.kept = new AtomicReferenceArray<>(base.size());
  }

  @Override
  public byte[] read(int index) {
    byte[] file = kept.get(index);
    if (file != null) {
      return file;
    }
    byte[] fresh = base.read(index);
    long size = fresh.length + (long) ARRAY_HEADER;
    if (used.addAndGet(size) > budget || !kept.compareAndSet(index, null, fresh)) {
      used.addAndGet(-size);
    }
    return fresh;
  }

  @Override
  public int size() {
    return base.size();
  }

  @Override
  public int label(int index) {
    return base.label(index);
  }

  @Override
  public String name(int index) {
    return base.name(index);
  }

  @Override
  public List<String> classes() {
    return base.classes();
  }

  @Override
  public String fingerprint() {
    return base.fingerprint();
  }

  @Override
  public void close() {
    base.close();
  }
}
