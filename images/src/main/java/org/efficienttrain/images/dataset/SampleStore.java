package org.efficienttrain.images.dataset;

import java.io.IOException;

/** Reads the bytes of a sample from where a {@link SampleTable} says they are. */
@FunctionalInterface
interface SampleStore {
  byte[] read(SampleTable table, int index) throws IOException;

  /** Closes the files. */
  default void close() {}
}
