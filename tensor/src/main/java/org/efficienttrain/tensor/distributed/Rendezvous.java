package org.efficienttrain.tensor.distributed;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.efficienttrain.tensor.TensorException;

/**
 * A connection to the store where the ranks meet: small values by name, kept by rank 0. One
 * connection serves one thread, because a call may wait in it.
 */
final class Rendezvous implements AutoCloseable {
  private static final String LEFT = "left";

  private final Ranks ranks;
  private final TCPStore connection;
  private final Store store;

  private Rendezvous(Ranks ranks, TCPStore connection) {
    this.ranks = ranks;
    this.connection = connection;
    // The prefix keeps apart from a former attempt, whose values torchrun's store still holds.
    this.store = new PrefixStore("/efficienttrain/" + ranks.meeting().attempt(), connection);
  }

  /**
   * Connects; the first connection of rank 0 opens the store, unless a launcher has.
   *
   * @throws TensorException if nobody answers in time, or the port is taken
   */
  static Rendezvous connect(Ranks ranks, boolean first) {
    boolean server = first && ranks.rank() == 0 && !ranks.meeting().agentStore();
    try (TCPStoreOptions options = new TCPStoreOptions();
        Milliseconds timeout = new Milliseconds(ranks.meeting().joinSeconds() * 1000L)) {
      options
          .port((short) ranks.meeting().port())
          .isServer(server)
          .waitWorkers(false)
          .timeout(timeout);
      return new Rendezvous(ranks, new TCPStore(ranks.meeting().address(), options));
    } catch (RuntimeException e) {
      String where = ranks.meeting().address() + ":" + ranks.meeting().port();
      throw new TensorException(
          server
              ? "rank 0 cannot listen on %s: choose a free port with MASTER_PORT, on this machine's MASTER_ADDR"
                  .formatted(where)
              : "rank %d cannot reach rank 0 at %s within %d s: check MASTER_ADDR, MASTER_PORT and that rank 0 runs"
                  .formatted(ranks.rank(), where, ranks.meeting().joinSeconds()),
          e);
    }
  }

  Store store() {
    return store;
  }

  /** Waits until every rank has come. */
  void awaitAll() throws InterruptedException {
    add("joined/" + ranks.rank(), 1);
    long end = System.nanoTime() + ranks.meeting().joinSeconds() * 1_000_000_000L;
    int next = 0;
    while (next < ranks.worldSize()) {
      if (has("joined/" + next)) {
        next++;
      } else if (System.nanoTime() > end) {
        throw new TensorException(
            "%s of %d did not come within %d s: start as many processes as WORLD_SIZE says, with the same MASTER_ADDR and MASTER_PORT"
                .formatted(absent(next), ranks.worldSize(), ranks.meeting().joinSeconds()));
      } else {
        Thread.sleep(50);
      }
    }
  }

  private String absent(int from) {
    List<String> absent = new ArrayList<>();
    for (int rank = from; rank < ranks.worldSize() && absent.size() < 9; rank++) {
      if (!has("joined/" + rank)) {
        absent.add(absent.size() == 8 ? "..." : String.valueOf(rank));
      }
    }
    return (absent.size() == 1 ? "rank " : "ranks ") + String.join(", ", absent);
  }

  /** Adds to a counter, 0 at first, and returns it. */
  long add(String key, long amount) {
    return store.add(key, amount);
  }

  boolean has(String key) {
    try (StringVector keys = new StringVector(key)) {
      return store.check(keys);
    }
  }

  /** The value that a key has: this one where it had none. */
  String setIfAbsent(String key, String value) {
    return store.compareSet(key, "", value);
  }

  /** The value of a key, or null. */
  String get(String key) {
    return has(key) ? store.get_to_str(key) : null;
  }

  /** Rank 0 keeps the store open until the others have left, though not for ever. */
  void leave() {
    try {
      add(LEFT, 1);
      long end = System.nanoTime() + ranks.lostSeconds() * 1_000_000_000L;
      while (ranks.rank() == 0 && add(LEFT, 0) < ranks.worldSize() && System.nanoTime() < end) {
        Thread.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      return; // the store has gone with its rank: there is nobody left to tell
    }
  }

  @Override
  public void close() {
    store.deallocate();
    connection.deallocate();
  }
}
