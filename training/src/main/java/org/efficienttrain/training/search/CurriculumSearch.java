package org.efficienttrain.training.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.curriculum.search.Decision;
import org.efficienttrain.curriculum.search.Measured;
import org.efficienttrain.curriculum.search.Rehearsal;
import org.efficienttrain.curriculum.search.SearchAlgorithm;
import org.efficienttrain.curriculum.search.SearchResult;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.recipe.CurriculumFile;

/**
 * A search for a curriculum by training. Its folder holds {@code journal.jsonl}, a folder for every
 * run under {@code runs}, and in the end {@code curriculum.yaml}. Stopped at any moment and started
 * again it repeats nothing: finished runs stand in the journal, and one that was under way is
 * resumed.
 *
 * @param runs recipe, images and place
 * @param algorithm what to ask for
 */
public record CurriculumSearch(TrialRuns runs, SearchAlgorithm algorithm) {

  /**
   * How a search is made.
   *
   * @param runner makes the trainings
   * @param speeds how fast they are, for the time left and the budget
   * @param budgetSeconds that all trainings may take together; infinite for any
   * @param version of the program, for the file
   */
  public record Setting(
      TrialRunner runner, SearchSpeeds speeds, double budgetSeconds, String version) {}

  /**
   * What a search comes to.
   *
   * @param result what was found
   * @param file the curriculum as a file
   * @param trainings runs that were made
   * @param equivalentRuns their compute, in whole runs at full bandwidth
   * @param seconds that they took
   */
  public record Outcome(
      SearchResult result, Path file, int trainings, double equivalentRuns, double seconds) {}

  /** What it would train at most. */
  public Rehearsal rehearsal() {
    return Rehearsal.of(algorithm, runs::planned);
  }

  /** Searches in this process, one training after the other, for as long as it takes. */
  public Outcome run() {
    Setting setting =
        new Setting(
            TrialRunner.here(),
            SearchSpeeds.measure(this),
            Double.POSITIVE_INFINITY,
            "EfficientTrain for Java");
    return run(setting, SearchListener.SILENT);
  }

  /**
   * Searches, or goes on with the search that the folder holds, and writes {@code curriculum.yaml}.
   *
   * @throws UserError if the folder holds another search, or the budget is too small for the first
   *     trainings
   */
  public Outcome run(Setting setting, SearchListener listener) {
    Path out = runs.options().out();
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new UserError("cannot make the output folder " + out + ": " + e.getMessage(), e);
    }
    SearchJournal journal = new SearchJournal(out, identity());
    TrialRunner runner = setting.runner;
    SearchClock clock =
        new SearchClock(setting.speeds, setting.budgetSeconds, runner.atOnce(), journal.entries());
    RunEvaluator evaluator = new RunEvaluator(this, journal, runner, clock, listener);
    SearchResult result = algorithm.search(evaluator);
    List<SearchJournal.Entry> made = journal.entries();
    Outcome outcome =
        new Outcome(
            result,
            out.resolve("curriculum.yaml"),
            made.size(),
            made.stream().mapToDouble(SearchJournal.Entry::equivalentEpochs).sum()
                / runs.base().epochs(),
            made.stream().mapToDouble(SearchJournal.Entry::seconds).sum());
    write(outcome, setting.version);
    if (result.complete()) {
      evaluator.forgetAll();
    }
    return outcome;
  }

  /** What a search must have in common with an earlier one to be the same. */
  private Map<String, Object> identity() {
    Map<String, Object> all = new LinkedHashMap<>(algorithm.settings());
    all.put("recipe", runs.base().toMap());
    all.put("task", runs.task());
    all.put("trainingImages", runs.data().train().fingerprint());
    all.put("validationImages", runs.data().validation().fingerprint());
    return all;
  }

  private void write(Outcome outcome, String version) {
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("by", version);
    found.put("complete", outcome.result.complete());
    found.put(
        "cost",
        Map.of(
            "trainings", outcome.trainings,
            "equivalentRuns", rounded(outcome.equivalentRuns),
            "hours", rounded(outcome.seconds / 3600)));
    found.put("decisions", outcome.result.decisions().stream().map(this::told).toList());
    found.putAll(identity());
    try {
      Files.writeString(outcome.file, CurriculumFile.write(outcome.result.curriculum(), found));
    } catch (IOException e) {
      throw new UserError("cannot write " + outcome.file + ": " + e.getMessage(), e);
    }
  }

  private Map<String, Object> told(Decision decision) {
    List<Map<String, Object>> candidates = new ArrayList<>();
    for (Decision.Option option : decision.options()) {
      Measured measured = option.measured();
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", measured.candidate().name());
      one.put("accuracies", measured.accuracies().stream().map(CurriculumSearch::rounded).toList());
      one.put("mean", rounded(measured.mean()));
      one.put("standardError", rounded(measured.standardError()));
      one.put("difference", rounded(option.difference().mean()));
      one.put("differenceError", rounded(option.difference().standardError()));
      one.put("equivalentEpochs", rounded(equivalentEpochs(measured)));
      candidates.add(one);
    }
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("what", decision.what());
    out.put("chosen", decision.chosen());
    out.put("withinNoise", decision.withinNoise());
    out.put("candidates", candidates);
    return out;
  }

  /** Compute of a run of a candidate from its first step on, in epochs at full bandwidth. */
  public double equivalentEpochs(Measured measured) {
    return runs.planned(measured.candidate().trial(runs.base().seed())).plan().equivalentEpochs();
  }

  /** To six places; null, which YAML has, for what is no number. */
  private static Double rounded(double value) {
    return Double.isFinite(value) ? Math.rint(value * 1e6) / 1e6 : null;
  }
}
