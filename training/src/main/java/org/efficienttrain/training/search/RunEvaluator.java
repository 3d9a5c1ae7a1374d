package org.efficienttrain.training.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.efficienttrain.curriculum.search.BudgetSpent;
import org.efficienttrain.curriculum.search.Candidate;
import org.efficienttrain.curriculum.search.Decision;
import org.efficienttrain.curriculum.search.Evaluator;
import org.efficienttrain.curriculum.search.Rehearsal;
import org.efficienttrain.curriculum.search.SearchAlgorithm;
import org.efficienttrain.curriculum.search.SharedRuns;
import org.efficienttrain.curriculum.search.SharedRuns.Planned;
import org.efficienttrain.curriculum.search.Trial;
import org.efficienttrain.training.Diverged;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.checkpoint.CheckpointFolder;
import org.efficienttrain.training.report.Durations;
import org.efficienttrain.training.run.Branch;

/** Answers a search by training: each trial once, from where another one has been already. */
final class RunEvaluator implements Evaluator {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TrialRuns runs;
  private final SearchAlgorithm algorithm;
  private final SearchJournal journal;
  private final TrialRunner runner;
  private final Budget budget;
  private final SearchListener listener;
  private final SharedRuns shared = new SharedRuns();
  private final Map<Trial, Planned> plans = new HashMap<>();

  /**
   * The time of a search.
   *
   * @param speeds how fast steps are
   * @param seconds that it may take; infinite for any
   */
  record Budget(SearchSpeeds speeds, double seconds) {}

  /** A trial that is being trained. */
  private record Pending(Planned planned, long firstStep, double secondsBefore) {}

  RunEvaluator(
      TrialRuns runs,
      SearchAlgorithm algorithm,
      SearchJournal journal,
      TrialRunner runner,
      Budget budget,
      SearchListener listener) {
    this.runs = runs;
    this.algorithm = algorithm;
    this.journal = journal;
    this.runner = runner;
    this.budget = budget;
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
      if (journal.entry(trial.key()) == null) {
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

  private double accuracy(Trial trial) {
    Double accuracy = journal.entry(trial.key()).accuracy();
    return accuracy == null ? Double.NaN : accuracy;
  }

  private void train(List<Planned> open) {
    Map<String, Pending> pending = new HashMap<>();
    List<TrialRunner.Prepared> prepared = new ArrayList<>();
    double seconds = 0;
    for (Planned planned : open) {
      long first = shared.startOf(planned, this::isKept).step();
      seconds += budget.speeds.seconds(planned, first);
    }
    checkBudget(seconds / runner.atOnce());
    SearchListener.Progress progress = progress();
    for (Planned planned : open) {
      String name = TrialRuns.name(planned.trial());
      SharedRuns.Start start = shared.startOf(planned, this::isKept);
      Path folder = folder(name);
      if (start.from() != null && checkpoints(name).steps().isEmpty() && !isFinished(folder)) {
        Path from = folder(TrialRuns.name(start.from().trial()));
        Branch.begin(from, start.step(), runs.job(planned));
      }
      pending.put(name, new Pending(planned, start.step(), Branch.secondsBefore(folder)));
      prepared.add(new TrialRunner.Prepared(name, runs.job(planned)));
      listener.began(name, progress);
    }
    runner.run(prepared, run -> finish(run.name(), pending.get(run.name())));
  }

  /** Whether the state of a trial after a step is there to go on from. */
  private boolean isKept(Planned planned, long step) {
    return checkpoints(TrialRuns.name(planned.trial())).isSound(step);
  }

  private void checkBudget(double seconds) {
    double spent =
        journal.entries().stream().mapToDouble(SearchJournal.Entry::seconds).sum()
            / runner.atOnce();
    if (spent + seconds <= budget.seconds) {
      return;
    }
    String message =
        "the budget of %s is too small for the next trainings, which take about %s after %s"
            .formatted(
                Durations.text(budget.seconds), Durations.text(seconds), Durations.text(spent));
    if (journal.entries().isEmpty()) {
      throw new UserError(message + ": give more --budget, fewer --epochs or fewer --seeds");
    }
    throw new BudgetSpent(message);
  }

  private void finish(String name, Pending trial) {
    Path folder = folder(name);
    Double accuracy = null;
    double seconds = 0;
    if (isFinished(folder)) {
      JsonNode summary = read(folder.resolve("summary.json"));
      accuracy = summary.path("accuracy").asDouble(Double.NaN);
      seconds =
          summary.path("trainingSeconds").asDouble()
              + summary.path("evaluationSeconds").asDouble()
              + summary.path("checkpointSeconds").asDouble()
              - trial.secondsBefore;
    } else if (!diverged(folder)) {
      throw new UserError("the run in " + folder + " did not finish: see run.json there");
    }
    journal.add(
        new SearchJournal.Entry(
            trial.planned.trial().key(),
            name,
            accuracy,
            seconds,
            trial.firstStep,
            trial.planned.plan().equivalentEpochsFrom(trial.firstStep)));
    shared.add(trial.planned);
    checkpoints(name).prune(0, Set.copyOf(trial.planned.keptSteps()));
    listener.finished(name, accuracy == null ? Double.NaN : accuracy, seconds);
  }

  private static boolean isFinished(Path folder) {
    return Files.exists(folder.resolve("summary.json"));
  }

  private static boolean diverged(Path folder) {
    Path card = folder.resolve("run.json");
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

  private Path folder(String name) {
    return runs.options().out().resolve("runs").resolve(name);
  }

  private CheckpointFolder checkpoints(String name) {
    return new CheckpointFolder(folder(name).resolve("checkpoints"));
  }

  /** How far the search is, and the longest way from here. */
  SearchListener.Progress progress() {
    Rehearsal rehearsal =
        Rehearsal.of(
            algorithm,
            this::planned,
            trial -> journal.entry(trial.key()) == null ? null : accuracy(trial));
    double predicted = 0;
    double left = 0;
    int done = 0;
    for (Rehearsal.Training training : rehearsal.trainings()) {
      double seconds = budget.speeds.seconds(training.planned(), training.firstStep());
      if (journal.entry(training.planned().trial().key()) == null) {
        left += seconds;
      } else {
        predicted += seconds;
        done++;
      }
    }
    double taken = journal.entries().stream().mapToDouble(SearchJournal.Entry::seconds).sum();
    double pace = predicted > 0 && taken > 0 ? taken / predicted : 1;
    return new SearchListener.Progress(
        done, rehearsal.trainings().size(), pace * left / runner.atOnce());
  }

  @Override
  public void decided(Decision decision) {
    for (Decision.Option option : decision.options()) {
      boolean taken = option.equals(decision.taken());
      // Only what was chosen is gone on from where runs are cut short.
      if (!taken && !option.measured().candidate().cut().isNone()) {
        forget(option.measured().candidate());
      }
    }
    listener.decided(decision);
  }

  private void forget(Candidate candidate) {
    for (SearchJournal.Entry entry : journal.entries()) {
      if (entry.trial().startsWith(candidate.curriculum().toText() + " seed ")
          && entry.trial().contains(" cut " + candidate.cut().at() + " ")) {
        checkpoints(entry.run()).prune(0, Set.of());
      }
    }
  }

  /** Frees the disk of all states that other trials might have gone on from. */
  void forgetAll() {
    journal.entries().forEach(entry -> checkpoints(entry.run()).prune(0, Set.of()));
  }
}
