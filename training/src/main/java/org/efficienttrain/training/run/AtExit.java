package org.efficienttrain.training.run;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Work that the end of this process waits for, when a signal or {@link System#exit} brings it: a
 * run that saves, processes that this one started. All such work goes on at once, and only then
 * comes what a program has to do last, which hooks of the JVM, called in any order, cannot say.
 */
public final class AtExit implements AutoCloseable {
  private static final Set<AtExit> OPEN = new LinkedHashSet<>(); // guards the others too
  private static boolean ending;
  private static Runnable last = () -> {};

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(AtExit::end, "at-exit"));
  }

  private final String name;
  private final Runnable work;

  private AtExit(String name, Runnable work) {
    this.name = name;
    this.work = work;
  }

  /**
   * Does the work when the process ends, unless it is closed before. Where the end has begun, it is
   * begun too, but not waited for.
   *
   * @param name of its thread
   */
  public static AtExit register(String name, Runnable work) {
    AtExit entry = new AtExit(name, work);
    synchronized (OPEN) {
      OPEN.add(entry);
      if (ending) {
        entry.start();
      }
    }
    return entry;
  }

  /** Sets what is done after all work, in the place of what was set before. */
  public static void last(Runnable work) {
    synchronized (OPEN) {
      last = work;
    }
  }

  /** Whether the end of the process has begun. */
  public static boolean ending() {
    synchronized (OPEN) {
      return ending;
    }
  }

  @Override
  public void close() {
    synchronized (OPEN) {
      OPEN.remove(this);
    }
  }

  private Thread start() {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void end() {
    List<Thread> threads = new ArrayList<>();
    Runnable after;
    synchronized (OPEN) {
      ending = true;
      OPEN.forEach(entry -> threads.add(entry.start()));
      after = last;
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // then it ends without waiting
    }
    after.run();
  }
}
