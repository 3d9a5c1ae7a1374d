package org.efficienttrain.images.loader;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A batch that workers are filling. Slots are written by the worker that took them; the counters
 * are guarded by the loader's lock, which also makes the slots visible to the consumer.
 */
final class PendingBatch {
  /** A slot whose sample could not be used. */
  static final int UNUSABLE = -1;

  final long step;
  final BatchAddress address;
  final ByteBuffer buffer;

  /** Sample in each slot, or {@link #UNUSABLE}. The first {@code address.fresh()} are loaded. */
  final int[] indices;

  final int[] labels;

  int nextSlot;
  int unfinished;

  /** What went wrong in the earliest slots of those that failed. */
  Throwable failure;

  int failedSlot;

  PendingBatch(long step, BatchAddress address, ByteBuffer buffer) {
    this.step = step;
    this.address = address;
    this.buffer = buffer;
    this.indices = new int[address.count()];
    this.labels = new int[address.count()];
    this.unfinished = address.fresh();
    Arrays.fill(indices, UNUSABLE);
  }

  /** A view of one slot's bytes. */
  ByteBuffer slot(int slot) {
    int bytes = address.exposure().bytes();
    return buffer.slice(slot * bytes, bytes);
  }

  /** Closes the gaps that unusable samples left, keeping the order, and counts what remains. */
  int compact() {
    int bytes = address.exposure().bytes();
    int kept = 0;
    for (int slot = 0; slot < indices.length; slot++) {
      if (indices[slot] == UNUSABLE) {
        continue;
      }
      if (kept < slot) {
        buffer.put(kept * bytes, buffer, slot * bytes, bytes);
        indices[kept] = indices[slot];
        labels[kept] = labels[slot];
      }
      kept++;
    }
    return kept;
  }
}
