package org.efficienttrain.images.loader;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.SampleTransform;

/**
 * Turns a dataset into batches on worker threads.
 *
 * <pre>{@code
 * try (BatchLoader loader = new BatchLoader(dataset, transform, LoaderSettings.forTraining(seed));
 *     BatchStream batches = loader.stream(0, steps, schedule)) {
 *   for (Batch next = batches.next(); next != null; next = batches.next()) {
 *     try (Batch batch = next) {
 *       ... // copy batch.pixels() to the device
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>The workers live as long as the loader and serve one stream at a time. They run ahead by a
 * bounded number of batches and then wait; memory is at most {@code prefetch + 2} batches, of which
 * the consumer may hold 2.
 */
public final class BatchLoader implements AutoCloseable {
  /** Batches that a consumer may have open at a time, on top of those that are prefetched. */
  static final int HELD_BY_CONSUMER = 2;

  final ReentrantLock lock = new ReentrantLock();

  /** Signalled when there may be something to do for a worker. */
  final Condition work = lock.newCondition();

  /** Signalled when there may be something to take for the consumer. */
  final Condition ready = lock.newCondition();

  final ImageDataset dataset;
  final LoaderSettings settings;
  final BufferPool pool;
  final SampleReader reader;

  long batches;
  long samples;
  long waitedNanos;
  private long workerNanos;

  private final BrokenFiles brokenFiles = new BrokenFiles();
  private final List<Thread> threads = new ArrayList<>();
  private BatchStream current;
  private boolean closed;

  /** Starts the workers. The dataset stays the caller's to close, after the loader. */
  public BatchLoader(ImageDataset dataset, SampleTransform transform, LoaderSettings settings) {
    this.dataset = dataset;
    this.settings = settings;
    this.pool = new BufferPool(settings.prefetch() + HELD_BY_CONSUMER);
    this.reader = new SampleReader(dataset, transform, settings, brokenFiles);
    for (int i = 0; i < settings.workers(); i++) {
      Thread thread = new Thread(this::runWorker, "image-loader-" + i);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
  }

  /**
   * The batches of some steps, one after the other without a pause between epochs. A stream that
   * was still open is closed.
   *
   * @param firstStep step of the first batch; the bytes are those of a run that came here from the
   *     start
   * @param endStep the first step that is not wanted
   * @param schedule which samples a step takes; asked for earlier steps too where samples are
   *     replayed
   */
  public BatchStream stream(long firstStep, long endStep, BatchSchedule schedule) {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("this loader is closed");
      }
      if (current != null) {
        current.close();
      }
      current = new BatchStream(this, firstStep, endStep, schedule);
      work.signalAll();
      return current;
    } finally {
      lock.unlock();
    }
  }

  /** All samples of this rank once, for an evaluation. */
  public BatchStream stream(BatchShape shape) {
    int ranks = settings.worldSize();
    int own = Math.max(0, (dataset.size() - settings.rank() + ranks - 1) / ranks);
    long steps = (own + shape.count() - 1L) / shape.count();
    return stream(0, steps, BatchSchedule.once(own, ranks, shape));
  }

  /**
   * Epoch after epoch of equal batches, for a consumer that stops by itself.
   *
   * @throws org.efficienttrain.images.ImageException when the dataset is smaller than a batch
   */
  public BatchStream endless(BatchShape shape) {
    return stream(
        0, Long.MAX_VALUE, BatchSchedule.epochs(dataset.size(), settings.worldSize(), shape));
  }

  /** The images found broken so far. */
  public BrokenFiles brokenFiles() {
    return brokenFiles;
  }

  /** Figures since the loader was made. */
  public LoaderStatistics statistics() {
    lock.lock();
    try {
      return new LoaderStatistics(batches, samples, waitedNanos / 1e9, workerNanos / 1e9);
    } finally {
      lock.unlock();
    }
  }

  /** Ends the open stream and the workers, and waits until they are gone. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (current != null) {
        current.close();
      }
      work.signalAll();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true; // The workers end by themselves after the sample at hand.
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void runWorker() {
    for (BatchStream.Chunk chunk = takeChunk(); chunk != null; chunk = takeChunk()) {
      long start = System.nanoTime();
      Throwable failure = chunk.fill(reader);
      long nanos = System.nanoTime() - start;
      lock.lock();
      try {
        workerNanos += nanos;
        chunk.finish(failure);
        ready.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private BatchStream.Chunk takeChunk() {
    lock.lock();
    try {
      while (!closed) {
        BatchStream.Chunk chunk = current == null ? null : current.tryTake();
        if (chunk != null) {
          return chunk;
        }
        work.awaitUninterruptibly();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }
}
