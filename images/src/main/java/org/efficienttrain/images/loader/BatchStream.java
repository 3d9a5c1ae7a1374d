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
  private final BatchSchedule schedule;
  private final long firstStep;
  private final long endStep;
  private final Deque<PendingBatch> queue = new ArrayDeque<>();

  /** Null where nothing is replayed. */
  private final ReplayBuffer replay;

  /** The step to open next; those before the first wanted one only fill the replay buffer. */
  private long nextStep;

  private PendingBatch filling;
  private EpochOrder order;
  private int orderEpoch = -1;
  private RuntimeException scheduleFailure;
  private boolean closed;

  BatchStream(BatchLoader loader, long firstStep, long endStep, BatchSchedule schedule) {
    LoaderSettings settings = loader.settings;
    this.loader = loader;
    this.schedule = schedule;
    this.firstStep = firstStep;
    this.endStep = endStep;
    boolean replays = settings.replayImages() > 0 && firstStep < endStep;
    this.replay =
        replays
            ? new ReplayBuffer(settings.replayImages(), settings.seed(), settings.rank())
            : null;
    this.nextStep =
        replays ? ReplayWarmUp.firstStep(schedule, firstStep, settings.replayImages()) : firstStep;
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
    BatchAddress address = pending.address;
    if (replay != null) {
      replay.remember(pending);
      if (pending.step < firstStep) {
        return null;
      }
      if (address.replays()) {
        replay.fillUp(pending);
      }
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
        pending.step,
        address,
        pending.buffer.slice(0, count * address.exposure().bytes()),
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
          throwFailure(scheduleFailure);
          if (nextStep >= endStep) {
            return null;
          }
          if (loader.pool.lent() == loader.pool.limit()) {
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
    if (closed || scheduleFailure != null || (filling == null && !openNext())) {
      return null;
    }
    PendingBatch batch = filling;
    int fresh = batch.address.fresh();
    int size = Math.min(LARGEST_CHUNK, Math.max(1, fresh / (4 * loader.settings.workers())));
    int first = batch.nextSlot;
    batch.nextSlot = Math.min(fresh, first + size);
    if (batch.nextSlot == fresh) {
      filling = null;
    }
    return new Chunk(batch, order, first, batch.nextSlot);
  }

  private boolean openNext() {
    if (nextStep >= endStep) {
      loader.ready.signalAll();
      return false;
    }
    try {
      BatchAddress address = check(schedule.at(nextStep));
      var buffer = loader.pool.tryTake(address.bytes());
      if (buffer == null) {
        loader.ready.signalAll();
        return false;
      }
      if (address.epoch() != orderEpoch) {
        orderEpoch = address.epoch();
        order = new EpochOrder(loader.dataset.size(), loader.settings.seed(), orderEpoch);
      }
      filling = new PendingBatch(nextStep, address, buffer);
      queue.add(filling);
      nextStep++;
      return true;
    } catch (RuntimeException e) {
      scheduleFailure = e;
      loader.ready.signalAll();
      return false;
    }
  }

  private BatchAddress check(BatchAddress address) {
    LoaderSettings settings = loader.settings;
    long last = address.first() + (address.fresh() - 1L) * settings.worldSize() + settings.rank();
    if (last >= loader.dataset.size()) {
      throw new ImageException(
          "step %d asks for image %d of an epoch, but the dataset has %d images: is it the one the run was planned for?"
              .formatted(nextStep, last + 1, loader.dataset.size()));
    }
    if (address.replays() && replay == null) {
      throw new ImageException(
          "step %d shows images again, but this loader keeps none: set the size of the replay buffer"
              .formatted(nextStep));
    }
    return address;
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
        filling.unfinished -= filling.address.fresh() - filling.nextSlot;
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
      BatchAddress address = batch.address;
      int ranks = loader.settings.worldSize();
      int own = address.first() + loader.settings.rank();
      try {
        for (int slot = first; slot < end; slot++) {
          int index =
              reader.read(
                  address.epoch(),
                  own + slot * ranks,
                  epochOrder,
                  address.exposure(),
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
