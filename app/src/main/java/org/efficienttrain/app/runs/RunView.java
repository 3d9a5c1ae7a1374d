package org.efficienttrain.app.runs;

import static org.efficienttrain.app.runs.Values.map;
import static org.efficienttrain.app.runs.Values.maps;
import static org.efficienttrain.app.runs.Values.number;
import static org.efficienttrain.app.runs.Values.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.efficienttrain.training.report.RunCard;

/**
 * One run as its folder tells it, now.
 *
 * <p>Not safe for use by several threads.
 */
public final class RunView {
  /** How a run stands. */
  public enum State {
    RUNNING,
    FINISHED,
    /** Asked to end; it can be resumed. */
    STOPPED,
    /** Ended by an error. */
    FAILED,
    /** Gone without a word: killed, or the machine went down. */
    KILLED
  }

  /** Without a process to look at, a run that wrote within this time is taken to run. */
  private static final Duration SILENCE = Duration.ofMinutes(10);

  private final Path folder;
  private final List<String> damaged = new ArrayList<>();
  private Map<String, Object> card = Map.of();
  private Map<String, Object> recipe = Map.of();
  private Map<String, Object> summary = Map.of();
  private MetricsLog metrics;
  private String stamp = "";
  private String metricsTrouble = "";

  /**
   * @param folder of the run
   */
  public RunView(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads what has changed.
   *
   * @return whether anything has
   */
  public boolean refresh() {
    boolean changed = refreshFiles();
    try {
      changed |= metrics.refresh();
      metricsTrouble = "";
    } catch (IOException e) {
      changed |= metricsTrouble.isEmpty();
      metricsTrouble = "metrics.jsonl cannot be read: " + e.getMessage();
    }
    return changed;
  }

  /**
   * Reads what has changed of the small files, not the metrics.
   *
   * @return whether anything has
   */
  public boolean refreshFiles() {
    String now = stamps();
    boolean changed = !now.equals(stamp);
    if (changed) {
      damaged.clear();
      card = read("run.json");
      recipe = read("recipe.yaml");
      summary = read("summary.json");
      if (metrics == null || metrics.lastStep() == 0) {
        double side = number(recipe, "imageSize");
        metrics = new MetricsLog(folder.resolve("metrics.jsonl"), side >= 1 ? (int) side : 1 << 12);
      }
      stamp = stamps(); // with the state that the files tell
    }
    return changed;
  }

  private String stamps() {
    StringBuilder text = new StringBuilder();
    for (String name :
        List.of(
            "run.json", "recipe.yaml", "summary.json", RunFiles.SAMPLES, RunFiles.RECONSTRUCTION)) {
      try {
        text.append(Files.getLastModifiedTime(folder.resolve(name)).toMillis());
      } catch (IOException e) {
        text.append('-');
      }
      text.append(' ');
    }
    return text.append(state()).toString();
  }

  private Map<String, Object> read(String name) {
    try {
      Path file = folder.resolve(name);
      return name.endsWith(".yaml") ? RunFiles.yaml(file) : RunFiles.json(file);
    } catch (IOException e) {
      damaged.add(e.getMessage());
      return Map.of();
    }
  }

  /** How the run stands, by its files and its process. */
  public State state() {
    String ended = text(map(card, "ended"), "how");
    if (ended.equals("finished") || (ended.isEmpty() && !summary.isEmpty())) {
      return State.FINISHED;
    }
    if (ended.equals("stopped")) {
      return State.STOPPED;
    }
    if (ended.equals("failed")) {
      return State.FAILED;
    }
    return alive() ? State.RUNNING : State.KILLED;
  }

  private boolean alive() {
    Map<String, Object> process = map(card, "process");
    if (text(process, "host").equals(RunCard.host())) {
      return ProcessHandle.of((long) number(process, "pid"))
          .filter(ProcessHandle::isAlive)
          .flatMap(p -> p.info().startInstant())
          .filter(start -> start.toString().equals(text(process, "started")))
          .isPresent();
    }
    return written().plus(SILENCE).isAfter(Instant.now());
  }

  /** When the metrics were last written. */
  private Instant written() {
    try {
      return Files.getLastModifiedTime(folder.resolve("metrics.jsonl")).toInstant();
    } catch (IOException e) {
      return Instant.EPOCH;
    }
  }

  /** The folder of the run. */
  public Path folder() {
    return folder;
  }

  /** Name of the folder with that of the one above it where the name alone says little. */
  public String name() {
    Path parent = folder.getParent();
    return parent == null || parent.getFileName() == null
        ? folder.toString()
        : parent.getFileName() + "/" + folder.getFileName();
  }

  /** What the run said about itself when it began: {@link RunCard}. */
  public Map<String, Object> card() {
    return card;
  }

  /** Keys and values of the recipe. */
  public Map<String, Object> recipe() {
    return recipe;
  }

  /** {@code summary.json}; empty while the run has not finished. */
  public Map<String, Object> summary() {
    return summary;
  }

  /** Curves and evaluations. */
  public MetricsLog metrics() {
    return metrics;
  }

  /** What could not be read or may mislead, in one sentence each. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>(damaged);
    if (!metricsTrouble.isEmpty()) {
      notes.add(metricsTrouble);
    }
    if (metrics.unreadable() > 0) {
      notes.add(metrics.unreadable() + " lines of metrics.jsonl could not be read");
    }
    if (number(card, "format") > RunCard.FORMAT) {
      notes.add("the run is of a newer version of the program: some of it may not be shown");
    }
    return notes;
  }

  /** Phases of the plan; empty for a run that did not write them. */
  public List<Map<String, Object>> phases() {
    return maps(map(card, "plan"), "phases");
  }

  /** Name of the figure that counts: accuracy, where evaluations have one. */
  public String mainMetric() {
    List<Map<String, Double>> evaluations = metrics.evaluations();
    boolean accuracy =
        evaluations.isEmpty() || evaluations.get(evaluations.size() - 1).containsKey("accuracy");
    return accuracy ? "accuracy" : "loss";
  }

  /** The newest value of {@link #mainMetric}; NaN before there is one. */
  public double mainValue() {
    String name = mainMetric();
    double finished = number(summary, name);
    if (Double.isFinite(finished)) {
      return finished;
    }
    List<Map<String, Double>> evaluations = metrics.evaluations();
    return evaluations.isEmpty()
        ? Double.NaN
        : evaluations.get(evaluations.size() - 1).getOrDefault(name, Double.NaN);
  }

  /** Steps of the whole run; NaN where the run did not say. */
  public double totalSteps() {
    double planned = number(map(card, "plan"), "totalSteps");
    return Double.isFinite(planned) ? planned : number(summary, "steps");
  }

  /** Seconds of training so far. */
  public double trainingSeconds() {
    double finished = number(summary, "trainingSeconds");
    return Double.isFinite(finished) ? finished : metrics.seconds().last();
  }

  /** Estimate of the seconds of training left, from the cost of the steps to come; NaN unknown. */
  public double secondsLeft() {
    double done = 0;
    double left = 0;
    long step = metrics.lastStep();
    for (Map<String, Object> phase : phases()) {
      double first = number(phase, "firstStep");
      double steps = number(phase, "steps");
      double cost = number(phase, "batchSize") * number(phase, "imageCost");
      double taken = Math.min(Math.max(0, step - first), steps);
      done += taken * cost;
      left += (steps - taken) * cost;
    }
    return done > 0 ? trainingSeconds() * left / done : Double.NaN;
  }

  /** When the run began, as text; empty where it did not say. */
  public String started() {
    String text = text(card, "started");
    try {
      return text.isEmpty() ? "" : Instant.parse(text).toString();
    } catch (DateTimeException e) {
      return "";
    }
  }
}
