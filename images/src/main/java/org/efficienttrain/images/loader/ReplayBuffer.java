package org.efficienttrain.images.loader;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.RandomSource;

/**
 * The samples loaded last, to be drawn again; see {@link ReplaySettings}. It forgets everything
 * when the side changes. Used by the consumer's thread alone.
 */
final class ReplayBuffer {
  private static final long PURPOSE = 0x7265706C6179L; // "replay"

  /** Memory is taken piece by piece, as the buffer fills and since a Java buffer ends at 2 GiB. */
  private static final int SEGMENT_BYTES = 64 << 20;

  private final int capacity;
  private final long seed;
  private final int rank;
  private final List<ByteBuffer> segments = new ArrayList<>();
  private int[] labels = new int[0];
  private int[] indices = new int[0];
  private int sampleBytes;
  private int samplesPerSegment;
  private int size;
  private int head;

  ReplayBuffer(ReplaySettings settings, long seed, int rank) {
    this.capacity = settings.capacity();
    this.seed = seed;
    this.rank = rank;
  }

  void clear() {
    segments.clear();
    size = 0;
    head = 0;
  }

  /** Remembers the loaded samples of a batch. */
  void remember(PendingBatch batch) {
    int bytes = batch.step.exposure().bytes();
    if (bytes != sampleBytes) {
      clear();
      sampleBytes = bytes;
      samplesPerSegment = Math.max(1, Math.min(SEGMENT_BYTES / bytes, capacity));
      labels = new int[capacity];
      indices = new int[capacity];
    }
    for (int slot = 0; slot < batch.step.fresh(); slot++) {
      ByteBuffer target = segmentOf(head);
      target.put(offset(head), batch.buffer, slot * bytes, bytes);
      labels[head] = batch.labels[slot];
      indices[head] = batch.indices[slot];
      head = (head + 1) % capacity;
      size = Math.min(size + 1, capacity);
    }
  }

  /** Fills the slots behind the loaded ones with samples drawn uniformly, with replacement. */
  void fillUp(PendingBatch batch) {
    BatchCursor.Step step = batch.step;
    RandomSource random = RandomSource.of(seed, step.epoch(), step.step()).fork(PURPOSE + rank);
    for (int slot = step.fresh(); slot < step.count(); slot++) {
      // Counted back from the newest, so that only what is remembered matters, not where it lies.
      int drawn = Math.floorMod(head - 1 - random.nextInt(size), capacity);
      batch.buffer.put(slot * sampleBytes, segmentOf(drawn), offset(drawn), sampleBytes);
      batch.labels[slot] = labels[drawn];
      batch.indices[slot] = indices[drawn];
    }
  }

  private int offset(int position) {
    return position % samplesPerSegment * sampleBytes;
  }

  private ByteBuffer segmentOf(int position) {
    int segment = position / samplesPerSegment;
    if (segment == segments.size()) {
      int samples = Math.min(samplesPerSegment, capacity - segment * samplesPerSegment);
      try {
        segments.add(ByteBuffer.allocateDirect(samples * sampleBytes));
      } catch (OutOfMemoryError e) {
        throw new ImageException(
            "no memory for a replay buffer of %d images (%.1f GB): make it smaller, or raise -XX:MaxDirectMemorySize"
                .formatted(capacity, (double) capacity * sampleBytes / 1e9),
            e);
      }
    }
    return segments.get(segment);
  }
}
