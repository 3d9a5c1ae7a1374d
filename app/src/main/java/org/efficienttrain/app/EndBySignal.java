package org.efficienttrain.app;

import java.lang.reflect.Proxy;
import org.efficienttrain.training.run.AtExit;

/**
 * Ends this process by the signal that asks for it, once what has to be saved is: the shell sees
 * 130 after Ctrl-C and 143 after SIGTERM.
 *
 * <p>The JVM's own end runs the destructors of libtorch while other threads still compute with it,
 * and dies of SIGSEGV. The system's end by a signal runs nothing more. The names are looked up as
 * the program runs, since compilers warn of {@code sun.misc.Signal}, and cannot be told not to.
 */
final class EndBySignal {
  /** What the shell adds to the number of the signal that ended a process. */
  static final int SIGNALLED = 128;

  /** The signals that end a JVM. */
  private enum Ending {
    HUP(1),
    INT(2),
    TERM(15);

    private final int number;

    Ending(int number) {
      this.number = number;
    }
  }

  private static volatile Ending received;

  private EndBySignal() {}

  /** From now on. Windows has no signals, and its processes end as the JVM ends them. */
  static void install() {
    if (System.getProperty("os.name").startsWith("Windows")) {
      return;
    }
    try {
      for (Ending signal : Ending.values()) {
        handle(signal, handler(signal));
      }
      AtExit.last(EndBySignal::end);
    } catch (ReflectiveOperationException e) {
      return; // a JVM without them, or with -Xrs, which leaves signals to the system: as good
    }
  }

  /** Ends this process as SIGTERM does. */
  static void asTerminated() {
    receive(Ending.TERM);
  }

  private static void receive(Ending signal) {
    if (received == null) {
      received = signal;
    }
    System.exit(SIGNALLED + signal.number);
  }

  private static void end() {
    Ending signal = received;
    if (signal == null) {
      return;
    }
    try {
      handle(signal, type("SignalHandler").getField("SIG_DFL").get(null));
      type("Signal").getMethod("raise", type("Signal")).invoke(null, named(signal));
    } catch (ReflectiveOperationException e) {
      return; // then it ends as the JVM ends
    }
  }

  private static Object handler(Ending signal) throws ClassNotFoundException {
    return Proxy.newProxyInstance(
        EndBySignal.class.getClassLoader(),
        new Class<?>[] {type("SignalHandler")},
        (proxy, method, arguments) -> {
          receive(signal);
          return null;
        });
  }

  private static void handle(Ending signal, Object handler) throws ReflectiveOperationException {
    type("Signal")
        .getMethod("handle", type("Signal"), type("SignalHandler"))
        .invoke(null, named(signal), handler);
  }

  private static Object named(Ending signal) throws ReflectiveOperationException {
    return type("Signal").getConstructor(String.class).newInstance(signal.name());
  }

  private static Class<?> type(String name) throws ClassNotFoundException {
    return Class.forName("sun.misc." + name);
  }
}
