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
 * @param name of the algorithm with its numbers: what decides the result besides the recipe
 */
public record CurriculumSearch(
    TrialRuns runs, SearchAlgorithm algorithm, Map<String, Object> name) {

  /**
   * What a search comes to.
   *
   * @param result what was found
   * @param trainings runs that were made
   * @param equivalentRuns their compute, in whole runs at full bandwidth
   * @param seconds that they took
   */
  public record Outcome(
      SearchResult result, int trainings, double equivalentRuns, double seconds) {}

  /** What it would train at most. */
  public Rehearsal rehearsal() {
    return Rehearsal.of(algorithm, runs::planned);
  }

  /**
   * Time of what it would train at most.
   *
   * @param atOnce trainings that go on at the same time, each as fast as one alone
   */
  public double seconds(SearchSpeeds speeds, int atOnce) {
    return rehearsal().trainings().stream()
            .mapToDouble(t -> speeds.seconds(t.planned(), t.firstStep()))
            .sum()
        / atOnce;
  }

  /**
   * Searches, or goes on with the search that the folder holds, and writes {@code curriculum.yaml}.
   *
   * @param budgetSeconds that all trainings may take together; infinite for any
   * @param version of the program, for the file
   * @throws UserError if the folder holds another search, or the budget is too small for the first
   *     training
   */
  public Outcome run(
      TrialRunner runner,
      SearchSpeeds speeds,
      double budgetSeconds,
      SearchListener listener,
      String version) {
    Path out = runs.options().out();
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new UserError("cannot make the output folder " + out + ": " + e.getMessage(), e);
    }
    SearchJournal journal = new SearchJournal(out, identity());
    RunEvaluator evaluator =
        new RunEvaluator(
            runs,
            algorithm,
            journal,
            runner,
            new RunEvaluator.Budget(speeds, budgetSeconds),
            listener);
    SearchResult result = algorithm.search(evaluator);
    List<SearchJournal.Entry> made = journal.entries();
    Outcome outcome =
        new Outcome(
            result,
            made.size(),
            made.stream().mapToDouble(SearchJournal.Entry::equivalentEpochs).sum()
                / runs.base().epochs(),
            made.stream().mapToDouble(SearchJournal.Entry::seconds).sum());
    write(out.resolve("curriculum.yaml"), outcome, version);
    if (result.complete()) {
      evaluator.forgetAll();
    }
    return outcome;
  }

  /** What a search must have in common with an earlier one to be the same. */
  private Map<String, Object> identity() {
    Map<String, Object> all = new LinkedHashMap<>(name);
    all.put("recipe", runs.base().toMap());
    all.put("trainingImages", runs.data().train().fingerprint());
    all.put("validationImages", runs.data().validation().fingerprint());
    return all;
  }

  private void write(Path file, Outcome outcome, String version) {
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
      Files.writeString(file, CurriculumFile.write(outcome.result.curriculum(), found));
    } catch (IOException e) {
      throw new UserError("cannot write " + file + ": " + e.getMessage(), e);
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
