package org.efficienttrain.training.run;

/**
 * Work that the end of this process waits for, when a signal or {@link System#exit} brings it: a
 * run that saves, processes that this one started.
 */
public final class AtExit implements AutoCloseable {
  private final Thread hook;

  private AtExit(Thread hook) {
    this.hook = hook;
  }

  /**
   * Does the work when the process is asked to end, unless it is closed before.
   *
   * @param name of the thread that does it
   */
  public static AtExit register(String name, Runnable work) {
    Thread hook = new Thread(work, name);
    Runtime.getRuntime().addShutdownHook(hook);
    EndSignals.await();
    return new AtExit(hook);
  }

  @Override
  public void close() {
    EndSignals.release();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the end has begun, and the work with it
    }
  }
}
