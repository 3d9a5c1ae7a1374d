package org.efficienttrain.training.run;

import java.util.concurrent.CountDownLatch;

/**
 * Ends a run in good order when the process is told to end: Ctrl-C (SIGINT) and SIGTERM start the
 * shutdown of the JVM, which waits here until the step at hand is taken and saved. The process then
 * ends with the code of its signal, 130 or 143.
 */
public final class StopSignal implements AutoCloseable {
  private final CountDownLatch done = new CountDownLatch(1);
  private final AtExit atExit = AtExit.register("stop-signal", this::requestAndWait);
  private volatile boolean requested;

  private StopSignal() {}

  /** Listens until closed. */
  public static StopSignal listen() {
    return new StopSignal();
  }

  /** Whether the process was told to end. */
  public boolean requested() {
    return requested;
  }

  private void requestAndWait() {
    requested = true;
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // then it ends without waiting
    }
  }

  @Override
  public void close() {
    atExit.close();
    done.countDown();
  }
}
