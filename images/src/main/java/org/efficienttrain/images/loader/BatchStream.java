package org.efficienttrain.images.loader;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.efficienttrain.images.ImageException;

/**
 * Batches in order, as {@link BatchLoader#stream} gives them. For one consumer thread. Everything
 * that workers touch as well is guarded by the loader's lock.
 */
public final class BatchStream implements AutoCloseable {
  /** Samples that a worker takes at once: few, so that all workers finish a batch together. */
  private static final int LARGEST_CHUNK = 16;

  private final BatchLoader loader;
  private final BatchCursor cursor;
  private final Deque<PendingBatch> queue = new ArrayDeque<>();

  /** Steps before the first wanted one, loaded only to fill the replay buffer. */
  private int warmUpSteps;

  private BatchCursor.Step upcoming;
  private boolean exhausted;
  private PendingBatch filling;
  private EpochOrder order;
  private int orderEpoch = -1;
  private RuntimeException planFailure;
  private boolean closed;

  private BatchStream(BatchLoader loader, BatchCursor cursor, int warmUpSteps) {
    this.loader = loader;
    this.cursor = cursor;
    this.warmUpSteps = warmUpSteps;
  }

  static BatchStream open(
      BatchLoader loader, int firstEpoch, int firstStep, int endEpoch, BatchPlan plan) {
    int samples = loader.dataset.size();
    BatchCursor cursor = new BatchCursor(samples, loader.settings, plan, firstEpoch, endEpoch);
    cursor.skip(firstStep);
    BatchCursor.Step wanted = loader.replay.isEmpty() ? null : cursor.next();
    if (wanted == null) {
      return new BatchStream(loader, cursor, 0);
    }
    Deque<BatchCursor.Step> before =
        ReplayWarmUp.stepsBefore(samples, loader.settings, plan, wanted);
    if (!before.isEmpty() && before.getLast().equals(loader.lastReplayed)) {
      before.clear(); // The buffer is at this very step.
    } else {
      loader.replay.get().clear();
    }
    BatchCursor.Step first = before.isEmpty() ? wanted : before.getFirst();
    cursor = new BatchCursor(samples, loader.settings, plan, first.epoch(), endEpoch);
    cursor.skip(first.step());
    return new BatchStream(loader, cursor, before.size());
  }

  /**
   * The next batch, or null after the last one. Waits until it is complete.
   *
   * @throws ImageException when a sample failed, with the name of its file
   * @throws IllegalStateException when the consumer holds too many open batches, or the stream is
   *     closed
   */
  public Batch next() {
    while (true) {
      PendingBatch pending = awaitHead();
      if (pending == null) {
        return null;
      }
      Batch batch = complete(pending);
      if (batch != null) {
        return batch;
      }
      release(pending);
    }
  }

  /** Fills up from the replay buffer and closes gaps; null when there is nothing to hand out. */
  private Batch complete(PendingBatch pending) {
    BatchCursor.Step step = pending.step;
    if (loader.replay.isPresent()) {
      ReplayBuffer replay = loader.replay.get();
      replay.remember(pending);
      loader.lastReplayed = step;
      if (warmUpSteps > 0) {
        warmUpSteps--;
        return null;
      }
      replay.fillUp(pending);
    }
    int count = pending.compact();
    if (count == 0) {
      return null;
    }
    loader.lock.lock();
    try {
      loader.batches++;
      loader.samples += count;
    } finally {
      loader.lock.unlock();
    }
    return new Batch(
        new Batch.Address(step.epoch(), step.step()),
        step.exposure().side(),
        pending.buffer.slice(0, count * step.exposure().bytes()),
        Arrays.copyOf(pending.labels, count),
        Arrays.copyOf(pending.indices, count),
        () -> release(pending));
  }

  private void release(PendingBatch pending) {
    loader.lock.lock();
    try {
      loader.pool.giveBack(pending.buffer);
      loader.work.signalAll();
    } finally {
      loader.lock.unlock();
    }
  }

  private PendingBatch awaitHead() {
    long start = System.nanoTime();
    loader.lock.lock();
    try {
      while (true) {
        if (closed) {
          throw new IllegalStateException("this stream of batches is closed");
        }
        PendingBatch head = queue.peek();
        if (head != null && head.unfinished == 0) {
          throwFailure(head.failure);
          return queue.remove();
        }
        if (head == null) {
          throwFailure(planFailure);
          if (exhausted) {
            return null;
          }
          if (upcoming != null && loader.pool.lent() == loader.pool.limit()) {
            throw new IllegalStateException(
                "all %d batches are open: close them before asking for more"
                    .formatted(loader.pool.limit()));
          }
        }
        loader.ready.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for images", e);
    } finally {
      loader.waitedNanos += System.nanoTime() - start;
      loader.lock.unlock();
    }
  }

  private void throwFailure(Throwable failure) {
    if (failure == null) {
      return;
    }
    close();
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  /** Some samples for a worker, or null when there is nothing to do now. */
  Chunk tryTake() {
    if (closed || planFailure != null || (filling == null && !openNext())) {
      return null;
    }
    PendingBatch batch = filling;
    int fresh = batch.step.fresh();
    int size = Math.min(LARGEST_CHUNK, Math.max(1, fresh / (4 * loader.settings.workers())));
    int first = batch.nextSlot;
    batch.nextSlot = Math.min(fresh, first + size);
    if (batch.nextSlot == fresh) {
      filling = null;
    }
    return new Chunk(batch, order, first, batch.nextSlot);
  }

  private boolean openNext() {
    try {
      if (upcoming == null) {
        upcoming = exhausted ? null : cursor.next();
        exhausted = upcoming == null;
      }
      if (exhausted) {
        loader.ready.signalAll();
        return false;
      }
      int bytes = new BatchShape(upcoming.count(), upcoming.exposure()).bytes();
      var buffer = loader.pool.tryTake(bytes);
      if (buffer == null) {
        loader.ready.signalAll();
        return false;
      }
      if (upcoming.epoch() != orderEpoch) {
        orderEpoch = upcoming.epoch();
        order = new EpochOrder(loader.dataset.size(), loader.settings.seed(), orderEpoch);
      }
      filling = new PendingBatch(upcoming, buffer);
      queue.add(filling);
      upcoming = null;
      return true;
    } catch (RuntimeException e) {
      planFailure = e;
      loader.ready.signalAll();
      return false;
    }
  }

  /** Ends the stream: prefetched batches are dropped. Open batches remain valid. */
  @Override
  public void close() {
    loader.lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      if (filling != null) {
        filling.unfinished -= filling.step.fresh() - filling.nextSlot;
        filling = null;
      }
      for (PendingBatch batch : queue) {
        if (batch.unfinished == 0) {
          loader.pool.giveBack(batch.buffer);
        }
      }
      queue.clear();
      loader.work.signalAll();
    } finally {
      loader.lock.unlock();
    }
  }

  /** Consecutive slots of a batch that one worker fills. */
  final class Chunk {
    private final PendingBatch batch;
    private final EpochOrder epochOrder;
    private final int first;
    private final int end;

    private Chunk(PendingBatch batch, EpochOrder epochOrder, int first, int end) {
      this.batch = batch;
      this.epochOrder = epochOrder;
      this.first = first;
      this.end = end;
    }

    /** Loads the samples, without the lock. Returns what went wrong, or null. */
    Throwable fill(SampleReader reader) {
      BatchCursor.Step step = batch.step;
      try {
        for (int slot = first; slot < end; slot++) {
          int index =
              reader.read(
                  step.epoch(),
                  step.firstPosition() + slot,
                  epochOrder,
                  step.exposure(),
                  batch.slot(slot));
          batch.indices[slot] = index;
          batch.labels[slot] = index == PendingBatch.UNUSABLE ? 0 : loader.dataset.label(index);
        }
        return null;
      } catch (RuntimeException | Error e) {
        return e; // The consumer throws it; a worker has nobody to tell.
      }
    }

    /** Counts the samples as done, under the lock. */
    void finish(Throwable failure) {
      if (failure != null && (batch.failure == null || first < batch.failedSlot)) {
        batch.failure = failure;
        batch.failedSlot = first;
      }
      batch.unfinished -= end - first;
      if (closed && batch.unfinished == 0) {
        loader.pool.giveBack(batch.buffer);
        loader.work.signalAll();
      }
    }
  }
}
