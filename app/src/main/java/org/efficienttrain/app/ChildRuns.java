package org.efficienttrain.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.run.AtExit;
import org.efficienttrain.training.run.RunFolder;
import org.efficienttrain.training.search.TrialRunner;

/**
 * Makes runs in processes of their own, several at once: each is {@code ./et train} on the recipe
 * in its folder, with its share of the cores, or a GPU of its own. What it says goes into {@code
 * log.txt} there. A signal to end goes on to all of them, and they save and end.
 */
final class ChildRuns implements TrialRunner {
  private static final long POLL_MILLIS = 200;
  private static final String STOPPED = "the search was stopped; started again it goes on";

  private final int count;
  private final String data;
  private final double valFraction;
  private final MachineOptions machine;
  private final String task;
  private final Map<Process, Prepared> running = new LinkedHashMap<>();
  private final Map<Process, Integer> places = new LinkedHashMap<>();
  private volatile boolean ending;

  /**
   * Prepares for runs.
   *
   * @param count at once
   * @param task name of the class of their task; null to tell classes apart
   */
  ChildRuns(int count, String data, double valFraction, MachineOptions machine, String task) {
    this.count = count;
    this.data = data;
    this.valFraction = valFraction;
    this.machine = machine;
    this.task = task;
  }

  @Override
  public int atOnce() {
    return count;
  }

  @Override
  public void run(List<Prepared> runs, Consumer<Prepared> finished) {
    Deque<Prepared> waiting = new ArrayDeque<>(runs);
    try (AtExit forward = AtExit.register("signal-to-runs", this::endOnSignal)) {
      while (!waiting.isEmpty() || !running.isEmpty()) {
        while (!waiting.isEmpty() && running.size() < count) {
          start(waiting.remove());
        }
        Thread.sleep(POLL_MILLIS);
        if (ending) {
          throw new UserError(STOPPED);
        }
        for (Process process : List.copyOf(running.keySet())) {
          if (!process.isAlive()) {
            end(process, finished);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError(STOPPED, e);
    } catch (IOException e) {
      throw new UserError("cannot start a process: " + e.getMessage(), e);
    } finally {
      endAll();
    }
  }

  private void end(Process process, Consumer<Prepared> finished) {
    Prepared run;
    synchronized (running) {
      run = running.remove(process);
    }
    places.remove(process);
    int code = process.exitValue();
    if (code != 0 && code != Main.USER_ERROR) { // a run that diverged says so in its folder
      throw new UserError(
          "the run in %s ended with code %d: see log.txt there; started again, the search goes on"
              .formatted(run.job().options().out(), code));
    }
    finished.accept(run);
  }

  private void start(Prepared run) throws IOException {
    Job job = run.job();
    Path folder = job.options().out();
    Files.createDirectories(folder);
    RunFolder.open(job.options()).writeRecipe(job.recipe());
    int place = 0;
    while (places.containsValue(place)) {
      place++;
    }
    ProcessBuilder builder = new ProcessBuilder(command(job.options(), folder, place));
    builder.environment().put(LocalRanks.LAUNCHED, "1");
    builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log.txt").toFile()));
    Process process = builder.start();
    synchronized (running) {
      running.put(process, run);
    }
    places.put(process, place);
  }

  private List<String> command(RunOptions options, Path folder, int place) {
    int cores = machine.threads() != null ? machine.threads() : ThisProgram.share(count);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--data=" + data,
                "--val-fraction=" + valFraction,
                "--recipe=" + folder.resolve("recipe.yaml"),
                "--out=" + folder,
                "--resume",
                "--max-broken=" + options.maxBroken(),
                "--threads=" + cores,
                "--device=" + (options.device().isCuda() ? "cuda:" + place : "cpu")));
    if (task != null) {
      arguments.add("--task=" + task);
    }
    if (!options.keptSteps().isEmpty()) {
      arguments.add(
          "--keep-steps="
              + options.keptSteps().stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    return ThisProgram.again(cores, arguments);
  }

  private void endOnSignal() {
    ending = true;
    endAll();
  }

  /** Asks all that still run to save and end, and waits until they have. */
  private void endAll() {
    List<Process> left;
    synchronized (running) {
      left = List.copyOf(running.keySet());
    }
    left.forEach(Process::destroy);
    try {
      for (Process process : left) {
        process.waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
