package org.efficienttrain.tensor.distributed;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.efficienttrain.tensor.TensorException;

/**
 * Shows the others that this rank lives, and watches the next one: with every rank watching one,
 * whoever dies is seen, and each pulse is a handful of messages however many ranks there are. Who
 * sees a death, or fails itself, leaves a verdict in the store; all ranks read the first one.
 *
 * <p>A dead process is also noticed by its closed connections, at once, but those do not tell a
 * rank, and a machine that loses power closes nothing.
 */
final class Heartbeat implements AutoCloseable {
  private static final String VERDICT = "verdict";
  private static final long PULSE_MILLIS = 500;

  /** How long training may take to notice a verdict by itself before it counts as stuck. */
  private static final long GRACE_MILLIS = 5000;

  private final Ranks ranks;
  private final Rendezvous store;
  private final Consumer<TensorException> stuck;
  private final Thread thread = new Thread(this::run, "heartbeat");
  private final CountDownLatch ended = new CountDownLatch(1);
  private final CountDownLatch judged = new CountDownLatch(1);
  private volatile String verdict;

  private Heartbeat(Ranks ranks, Rendezvous store, Consumer<TensorException> stuck) {
    this.ranks = ranks;
    this.store = store;
    this.stuck = stuck;
  }

  /** Starts, on a connection of its own, when all ranks are there. */
  static Heartbeat start(Ranks ranks, Consumer<TensorException> stuck) {
    Heartbeat heartbeat = new Heartbeat(ranks, Rendezvous.connect(ranks, false), stuck);
    heartbeat.thread.setDaemon(true);
    heartbeat.thread.start();
    return heartbeat;
  }

  /** Tells the others why this rank ends; says nothing where another was first. */
  static void accuse(Rendezvous store, int rank, String reason) {
    try {
      store.setIfAbsent(VERDICT, "rank " + rank + " failed: " + reason);
    } catch (RuntimeException e) {
      return; // the store has gone with rank 0, which the others notice by themselves
    }
  }

  /** Who is to blame, in a sentence; null if nobody is found out in time. */
  String await() {
    try {
      if (!judged.await(ranks.lostSeconds() + GRACE_MILLIS / 1000, TimeUnit.SECONDS)) {
        return null;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return verdict;
  }

  private void run() {
    try {
      verdict = watch();
    } catch (InterruptedException e) {
      return;
    } catch (RuntimeException e) {
      verdict = sentence(0, "which keeps the store, cannot be reached any more");
    }
    if (verdict == null) {
      return;
    }
    judged.countDown();
    try {
      if (!ended.await(GRACE_MILLIS, TimeUnit.MILLISECONDS)) {
        stuck.accept(new TensorException(verdict));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String watch() throws InterruptedException {
    int watched = (ranks.rank() + 1) % ranks.worldSize();
    long beat = -1;
    long changed = System.nanoTime();
    while (!ended.await(PULSE_MILLIS, TimeUnit.MILLISECONDS)) {
      store.add("beat/" + ranks.rank(), 1);
      String known = store.get(VERDICT);
      if (known != null) {
        return known;
      }
      long now = store.add("beat/" + watched, 0);
      if (now != beat) {
        beat = now;
        changed = System.nanoTime();
      } else if (System.nanoTime() - changed > ranks.lostSeconds() * 1_000_000_000L) {
        String reason = "has shown no sign of life for " + ranks.lostSeconds() + " s";
        return store.setIfAbsent(VERDICT, sentence(watched, reason));
      }
    }
    return null;
  }

  private String sentence(int rank, String what) {
    return "rank %d of %d %s: the job ends here; start it again with --resume to go on from the last checkpoint"
        .formatted(rank, ranks.worldSize(), what);
  }

  /** Stops beating. */
  @Override
  public void close() {
    ended.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return; // its connection stays with the thread
    }
    store.close();
  }
}
