package org.efficienttrain.images.dataset;

import java.io.IOException;
import java.util.List;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.ImageDataset;

/** A dataset that consists of a table and of a store: every form there is. */
final class IndexedDataset implements ImageDataset {
  /** No photograph is this large, and no array of Java's much larger. */
  private static final int LARGEST_FILE = 1 << 30;

  private final SampleTable table;
  private final SampleStore store;
  private final String fingerprint;

  IndexedDataset(SampleTable table, SampleStore store) {
    this.table = table;
    this.store = store;
    this.fingerprint = table.fingerprint();
  }

  @Override
  public int size() {
    return table.size();
  }

  @Override
  public int label(int index) {
    return table.label(index);
  }

  @Override
  public String name(int index) {
    return table.name(index);
  }

  @Override
  public byte[] read(int index) {
    if (table.length(index) > LARGEST_FILE) {
      throw new BrokenImageException(Reason.TOO_LARGE, "the file is larger than 1 GiB");
    }
    try {
      return store.read(table, index);
    } catch (IOException e) {
      throw new BrokenImageException(
          Reason.UNREADABLE, "the file cannot be read (" + CacheFolder.reason(e) + ")", e);
    } catch (OutOfMemoryError e) {
      throw new BrokenImageException(
          Reason.TOO_LARGE,
          "the file of %d bytes is too large for the memory at hand: give Java more (-Xmx)"
              .formatted(table.length(index)),
          e);
    }
  }

  @Override
  public List<String> classes() {
    return table.classes();
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public void close() {
    store.close();
  }
}
