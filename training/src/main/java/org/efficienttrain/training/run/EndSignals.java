package org.efficienttrain.training.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who acts on the signals that ask a process to end: the JVM or the system.
 *
 * <p>The JVM runs its hooks, and then the destructors of libtorch; where other threads still
 * compute with it, they die of SIGSEGV. The system ends the process at once, and runs nothing more.
 * So a program leaves these signals to the system but for the time of an {@link AtExit}.
 *
 * <p>The names are looked up as the program runs, since compilers warn of {@code sun.misc.Signal},
 * and cannot be told not to.
 */
public final class EndSignals {
  private static final List<String> NAMES = List.of("HUP", "INT", "TERM");

  /** What the JVM does about each signal that is left to the system, now or between two waits. */
  private static final Map<String, Object> LEFT = new LinkedHashMap<>();

  private static int waits;

  private EndSignals() {}

  /** From now on, unless somebody waits for them. Windows has no signals. */
  public static synchronized void leaveToSystem() {
    if (System.getProperty("os.name").startsWith("Windows")) {
      return;
    }
    try {
      for (String name : NAMES) {
        LEFT.put(name, handle(name, system()));
      }
    } catch (ReflectiveOperationException e) {
      return; // a JVM without such handlers, or with -Xrs, which leaves signals to the system too
    }
  }

  /** The JVM acts on them, until there were as many {@link #release}. */
  static synchronized void await() {
    waits++;
    if (waits == 1) {
      LEFT.forEach(EndSignals::set);
    }
  }

  static synchronized void release() {
    waits--;
    if (waits == 0) {
      LEFT.keySet().forEach(name -> set(name, null));
    }
  }

  private static void set(String name, Object handler) {
    try {
      handle(name, handler == null ? system() : handler);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e); // it could be set before
    }
  }

  /** Sets what is done about a signal, and returns what was done before. */
  private static Object handle(String name, Object handler) throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    return signal
        .getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"))
        .invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
  }

  private static Object system() throws ReflectiveOperationException {
    return Class.forName("sun.misc.SignalHandler").getField("SIG_DFL").get(null);
  }
}
