package org.efficienttrain.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.efficienttrain.tensor.distributed.Ranks;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.run.AtExit;

/**
 * The ranks of a run as processes of this machine: starts this program several times with
 * torchrun's environment variables, and stays until all have ended.
 *
 * <p>Rank 0 has the terminal; what the others say is marked with their number. A signal to end goes
 * on to all of them. When one dies, the others notice and end by themselves, or are ended.
 */
final class LocalRanks {
  /** Set for the processes started here; their standard input closes when the launcher dies. */
  static final String LAUNCHED = "ET_LAUNCHED";

  private static final int SECONDS_TO_END = 15;
  private static final long POLL_MILLIS = 100;

  /** What the shell adds to the number of the signal that ended a process. */
  private static final int SIGNALLED = 128;

  private final List<Process> ranks = new ArrayList<>();
  private final List<Thread> outputs = new ArrayList<>();

  private LocalRanks() {}

  /** Whether this process was started here. */
  static boolean launched() {
    return System.getenv(LAUNCHED) != null;
  }

  /** Ends this process in good order, as SIGTERM does, when the launcher is gone. */
  static void endWithLauncher() {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // nothing is ever sent
                }
              } catch (IOException e) {
                // as good as the end
              }
              System.exit(Main.STOPPED);
            },
            "launcher-watch");
    thread.setDaemon(true);
    thread.start();
  }

  /** A command line without {@code --nproc N}. */
  static List<String> withoutCount(List<String> arguments) {
    List<String> out = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).equals("--nproc")) {
        i++;
      } else if (!arguments.get(i).startsWith("--nproc=")) {
        out.add(arguments.get(i));
      }
    }
    return out;
  }

  /**
   * Runs the ranks.
   *
   * @param arguments the command line of each
   * @return exit code of the rank that ended first with one other than 0; else 0
   */
  static int run(int count, List<String> arguments) {
    LocalRanks all = new LocalRanks();
    try (AtExit forward = AtExit.register("signal-to-ranks", all::endOnSignal)) {
      int port = freePort();
      for (int rank = 0; rank < count; rank++) {
        all.start(rank, count, port, arguments);
      }
      return all.await();
    } catch (IOException e) {
      all.endAll();
      throw new UserError("cannot start a process: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      all.endAll();
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void start(int rank, int count, int port, List<String> arguments) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(ThisProgram.again(ThisProgram.share(count), arguments));
    Map<String, String> environment = builder.environment();
    environment.put("RANK", String.valueOf(rank));
    environment.put("LOCAL_RANK", String.valueOf(rank));
    environment.put("WORLD_SIZE", String.valueOf(count));
    environment.put("MASTER_ADDR", "127.0.0.1");
    environment.put("MASTER_PORT", String.valueOf(port));
    environment.put(LAUNCHED, "1");
    environment.put(Main.COMMAND, System.getProperty("et.command", ""));
    if (rank == 0) {
      builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    }
    Process process = builder.start();
    synchronized (ranks) {
      ranks.add(process);
    }
    copy(rank, process.inputReader(StandardCharsets.UTF_8), System.out);
    if (rank > 0) {
      copy(rank, process.errorReader(StandardCharsets.UTF_8), System.err);
    }
  }

  /** Copies lines, but for Gloo's greeting and what rank 0 has said already. */
  private void copy(int rank, BufferedReader from, PrintStream to) {
    String mark = rank == 0 ? "" : "[rank " + rank + "] ";
    Thread thread =
        new Thread(
            () -> {
              try (from) {
                from.lines()
                    .filter(line -> !line.startsWith("[Gloo]"))
                    .filter(line -> !line.startsWith("et: rank 0 failed: "))
                    .forEach(line -> to.println(mark + line));
              } catch (IOException | UncheckedIOException e) {
                to.println(mark + "its output cannot be read any more");
              }
            },
            "output-of-rank-" + rank);
    thread.start();
    outputs.add(thread);
  }

  private int await() throws InterruptedException {
    int code = awaitRanks();
    for (Thread output : outputs) {
      output.join();
    }
    return code;
  }

  private int awaitRanks() throws InterruptedException {
    List<Process> left = new ArrayList<>(ranks);
    while (!left.isEmpty()) {
      for (Process process : List.copyOf(left)) {
        if (process.isAlive()) {
          continue;
        }
        left.remove(process);
        int code = process.exitValue();
        if (code != 0) {
          explain(ranks.indexOf(process), code);
          end(left);
          return code;
        }
      }
      Thread.sleep(POLL_MILLIS);
    }
    return 0;
  }

  private static void explain(int rank, int code) {
    if (code > SIGNALLED && code != Main.STOPPED && code != Main.INTERRUPTED) {
      System.err.printf("et: rank %d was ended by signal %d%n", rank, code - SIGNALLED);
    }
  }

  /** Waits for the rest to notice and end by themselves, then asks them to, then makes them. */
  private static void end(List<Process> left) throws InterruptedException {
    if (!ended(left, Ranks.of(System.getenv()).lostSeconds() + SECONDS_TO_END)) {
      left.forEach(Process::destroy);
      if (!ended(left, SECONDS_TO_END)) {
        left.forEach(Process::destroyForcibly);
      }
    }
  }

  private static boolean ended(List<Process> left, int seconds) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (Process process : left) {
      if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
    return true;
  }

  private void endAll() {
    synchronized (ranks) {
      ranks.forEach(Process::destroy);
    }
  }

  /** The ranks save and end; this process stays until they have. */
  private void endOnSignal() {
    endAll();
    try {
      for (Process process : ranks) {
        process.waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
