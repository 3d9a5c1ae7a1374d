package org.efficienttrain.training.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.efficienttrain.curriculum.search.Decision;
import org.efficienttrain.curriculum.search.Evaluator;
import org.efficienttrain.curriculum.search.Rehearsal;
import org.efficienttrain.curriculum.search.SearchAlgorithm;
import org.efficienttrain.curriculum.search.SharedRuns;
import org.efficienttrain.curriculum.search.SharedRuns.Planned;
import org.efficienttrain.curriculum.search.Trial;
import org.efficienttrain.training.Diverged;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.run.Branch;

/** Answers a search by training: each trial once, from where another one has been already. */
final class RunEvaluator implements Evaluator {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TrialRuns runs;
  private final SearchAlgorithm algorithm;
  private final SearchJournal journal;
  private final TrialRunner runner;
  private final SearchClock clock;
  private final SearchListener listener;
  private final SharedRuns shared = new SharedRuns();
  private final Map<Trial, Planned> plans = new HashMap<>();

  RunEvaluator(
      CurriculumSearch search,
      SearchJournal journal,
      TrialRunner runner,
      SearchClock clock,
      SearchListener listener) {
    this.runs = search.runs();
    this.algorithm = search.algorithm();
    this.journal = journal;
    this.runner = runner;
    this.clock = clock;
    this.listener = listener;
  }

  @Override
  public int atOnce() {
    return runner.atOnce();
  }

  @Override
  public List<Double> accuracies(List<Trial> trials) {
    List<Planned> open = new ArrayList<>();
    for (Trial trial : trials) {
      Planned planned = planned(trial);
      SearchJournal.Entry entry = journal.entry(trial.key());
      if (entry == null) {
        open.add(planned);
      } else {
        shared.add(planned);
      }
    }
    if (!open.isEmpty()) {
      train(open);
    }
    return trials.stream().map(this::accuracy).toList();
  }

  /** Made once: every rehearsal asks for those of all trials. */
  private Planned planned(Trial trial) {
    return plans.computeIfAbsent(trial, runs::planned);
  }

  /** As the journal has it; null of a trial that was not trained yet. */
  private Double accuracy(Trial trial) {
    SearchJournal.Entry entry = journal.entry(trial.key());
    if (entry == null) {
      return null;
    }
    return entry.accuracy() == null ? Double.NaN : entry.accuracy();
  }

  private void train(List<Planned> open) {
    double seconds = 0;
    for (Planned planned : open) {
      seconds += clock.seconds(planned, shared.startOf(planned, this::isSound).step());
    }
    clock.check(seconds, journal.entries().isEmpty());
    Map<String, Planned> pending = new LinkedHashMap<>();
    List<TrialRunner.Prepared> prepared = new ArrayList<>();
    for (Planned planned : open) {
      String name = TrialRuns.name(planned.trial());
      SharedRuns.Start start = shared.startOf(planned, this::isSound);
      if (start.from() != null && runs.states(name).steps().isEmpty() && !isFinished(name)) {
        Path from = runs.folder(TrialRuns.name(start.from().trial()));
        Branch.begin(from, start.step(), runs.job(planned));
      }
      pending.put(name, planned);
      prepared.add(new TrialRunner.Prepared(name, runs.job(planned)));
    }
    listener.began(List.copyOf(pending.keySet()), progress());
    runner.run(
        prepared,
        run -> {
          finish(run.name(), pending.remove(run.name()));
          clock.checkRest(
              pending.entrySet().stream()
                  .mapToDouble(e -> clock.seconds(e.getValue(), firstStep(e.getKey())))
                  .sum());
        });
  }

  /** Steps of a run that another one had taken. */
  private long firstStep(String name) {
    return Branch.beginning(runs.folder(name)).step();
  }

  /** Whether the state of a trial after a step is there to go on from. */
  private boolean isSound(Planned planned, long step) {
    return runs.states(TrialRuns.name(planned.trial())).isSound(step);
  }

  private void finish(String name, Planned planned) {
    Branch.Beginning beginning = Branch.beginning(runs.folder(name));
    Double accuracy = null;
    double seconds = 0;
    if (isFinished(name)) {
      JsonNode summary = read(runs.folder(name).resolve("summary.json"));
      if (!summary.has("accuracy")) {
        throw new UserError(
            "a search compares accuracies, but the task of the run in %s measures none: search with a task that tells classes apart"
                .formatted(runs.folder(name)));
      }
      accuracy = summary.path("accuracy").asDouble(Double.NaN);
      seconds =
          summary.path("trainingSeconds").asDouble()
              + summary.path("evaluationSeconds").asDouble()
              + summary.path("checkpointSeconds").asDouble()
              - beginning.seconds();
    } else if (!diverged(name)) {
      throw new UserError(
          "the run in %s did not finish: see run.json there, and log.txt where there is one"
              .formatted(runs.folder(name)));
    }
    clock.took(planned, beginning.step(), seconds);
    journal.add(
        new SearchJournal.Entry(
            planned.trial().key(),
            name,
            accuracy,
            seconds,
            beginning.step(),
            planned.plan().equivalentEpochsFrom(beginning.step())));
    shared.add(planned);
    runs.states(name).prune(0, Set.copyOf(planned.keptSteps()));
    listener.finished(name, accuracy == null ? Double.NaN : accuracy, seconds, progress());
  }

  private boolean isFinished(String name) {
    return Files.exists(runs.folder(name).resolve("summary.json"));
  }

  private boolean diverged(String name) {
    Path card = runs.folder(name).resolve("run.json");
    return Files.exists(card)
        && read(card).path("ended").path("message").asText().startsWith(Diverged.START);
  }

  private static JsonNode read(Path file) {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UserError("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** How far the search is, and the longest way from here. */
  private SearchListener.Progress progress() {
    Rehearsal rehearsal =
        Rehearsal.of(algorithm, this::planned, this::accuracy, (other, step) -> true);
    List<Rehearsal.Training> left =
        rehearsal.trainings().stream().filter(t -> accuracy(t.planned().trial()) == null).toList();
    double best =
        journal.entries().stream()
            .filter(e -> e.accuracy() != null)
            .mapToDouble(SearchJournal.Entry::accuracy)
            .max()
            .orElse(Double.NaN);
    int done = journal.entries().size();
    return new SearchListener.Progress(
        done,
        done + left.size(),
        best,
        left.stream().mapToDouble(t -> clock.seconds(t.planned(), t.start().step())).sum());
  }

  @Override
  public void decided(Decision decision) {
    forgetOthers();
    listener.decided(decision);
  }

  /** Frees the disk of the states that no training can go on from any more. */
  private void forgetOthers() {
    Map<String, List<Long>> there = new HashMap<>();
    journal.entries().forEach(e -> there.put(e.run(), runs.states(e.run()).steps()));
    Map<String, Set<Long>> needed = new HashMap<>();
    Rehearsal.of(
            algorithm,
            this::planned,
            this::accuracy,
            (other, step) ->
                there.getOrDefault(TrialRuns.name(other.trial()), List.of()).contains(step))
        .trainings()
        .stream()
        .filter(t -> t.start().from() != null && accuracy(t.planned().trial()) == null)
        .forEach(
            t ->
                needed
                    .computeIfAbsent(
                        TrialRuns.name(t.start().from().trial()), name -> new HashSet<>())
                    .add(t.start().step()));
    there.forEach((run, steps) -> runs.states(run).prune(0, needed.getOrDefault(run, Set.of())));
  }

  /** Frees the disk of all states that other trials might have gone on from. */
  void forgetAll() {
    journal.entries().forEach(entry -> runs.states(entry.run()).prune(0, Set.of()));
  }
}
