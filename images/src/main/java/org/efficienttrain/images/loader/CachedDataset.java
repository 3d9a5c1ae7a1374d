package org.efficienttrain.images.loader;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.UnaryOperator;
import org.efficienttrain.images.ImageDataset;

/**
 * Keeps samples in memory once they are read, until a budget is used up; the others are read each
 * time. With a conversion it keeps decoded images: {@code file -> decoder.decode(file).toPpm()}.
 * Since whole images are decoded then, JPEGs are not decoded at reduced scale, and the bytes of the
 * batches are not those of a run without the cache; apart from that a cache changes no byte.
 */
public final class CachedDataset implements ImageDataset {
  /** What an array costs besides its bytes. */
  private static final int ARRAY_HEADER = 16;

  private final ImageDataset base;
  private final UnaryOperator<byte[]> convert;
  private final long budget;
  private final AtomicLong used = new AtomicLong();
  private final AtomicReferenceArray<byte[]> kept;

  /**
   * Wraps a dataset.
   *
   * @param budget most bytes to keep
   * @param convert applied to each sample before it is kept; the identity keeps the file
   */
  public CachedDataset(ImageDataset base, long budget, UnaryOperator<byte[]> convert) {
    this.base = base;
    this.budget = budget;
    this.convert = convert;
    this.kept = new AtomicReferenceArray<>(base.size());
  }

  /** Bytes kept now. */
  public long usedBytes() {
    return used.get();
  }

  @Override
  public byte[] read(int index) {
    byte[] file = kept.get(index);
    if (file != null) {
      return file;
    }
    byte[] fresh = convert.apply(base.read(index));
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
