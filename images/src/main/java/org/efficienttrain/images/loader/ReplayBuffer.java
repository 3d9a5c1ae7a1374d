package org.efficienttrain.images.loader;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.RandomSource;

/**
 * The replay buffer of EfficientTrain++ (section 5.3 of the paper, for machines whose processors
 * cannot feed their accelerators): the samples loaded last, to be drawn again. Used by the
 * consumer's thread alone.
 *
 * <p>It forgets everything where the schedule says that nothing older may be drawn, as the official
 * code does at each stage. Differences from that code: samples are kept as bytes, not as
 * half-precision floats, so that normalisation, erasing and the low-frequency crop on the device
 * are applied afresh; they are drawn one by one instead of in 32 chunks per batch; and drawing is
 * seeded, so that a run started again continues with the same bytes.
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
  private long from = -1;

  /**
   * An empty buffer.
   *
   * @param capacity samples that it holds, at least 1
   */
  ReplayBuffer(int capacity, long seed, int rank) {
    this.capacity = capacity;
    this.seed = seed;
    this.rank = rank;
  }

  /** Remembers the loaded samples of a batch, if its schedule draws any again. */
  void remember(PendingBatch batch) {
    if (!batch.address.replays()) {
      from = -1;
      segments.clear();
      return;
    }
    if (from != batch.address.replayFrom()) {
      from = batch.address.replayFrom();
      start(batch.address.exposure().bytes());
    }
    for (int slot = 0; slot < batch.address.fresh(); slot++) {
      ByteBuffer target = segmentOf(head);
      target.put(offset(head), batch.buffer, slot * sampleBytes, sampleBytes);
      labels[head] = batch.labels[slot];
      indices[head] = batch.indices[slot];
      head = (head + 1) % capacity;
      size = Math.min(size + 1, capacity);
    }
  }

  private void start(int bytes) {
    segments.clear();
    size = 0;
    head = 0;
    sampleBytes = bytes;
    samplesPerSegment = Math.max(1, Math.min(SEGMENT_BYTES / bytes, capacity));
    labels = new int[capacity];
    indices = new int[capacity];
  }

  /** Fills the slots behind the loaded ones with samples drawn uniformly, with replacement. */
  void fillUp(PendingBatch batch) {
    RandomSource random = RandomSource.of(seed, batch.step, rank).fork(PURPOSE);
    for (int slot = batch.address.fresh(); slot < batch.address.count(); slot++) {
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
