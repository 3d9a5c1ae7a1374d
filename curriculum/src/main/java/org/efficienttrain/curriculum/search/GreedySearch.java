package org.efficienttrain.curriculum.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.efficienttrain.curriculum.Clock;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.CurriculumException;
import org.efficienttrain.curriculum.Cut;
import org.efficienttrain.curriculum.Stage;

/**
 * The search that found EfficientTrain's curriculum (ICCV 2023, algorithm 1): the smallest
 * bandwidths that cost no accuracy.
 *
 * <p>Training is cut into stages of equally many epochs, all at full bandwidth to begin with. From
 * the last but one stage to the first, each stage and those before it get the smallest bandwidth
 * with which a full run, later stages as already found, is no worse than the baseline. With N
 * stages and C bandwidths that is at most {@code 1 + (N - 1)(C - 1)} runs for each seed. The paper
 * used N = 5. A candidate of one stage begins as the same candidate of the stage before began, so
 * these runs share most of their beginnings.
 *
 * <p>No worse means: worse than the baseline less the tolerance by no more than the noise, see
 * {@link NoiseRule}; the smaller bandwidth is the cheaper candidate.
 *
 * @param space bandwidths, magnitudes and seeds; the baseline keeps the last magnitude throughout
 * @param rule what is noise
 */
public record GreedySearch(SearchSpace space, NoiseRule rule) implements SearchAlgorithm {

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = space.settings("greedy");
    settings.put("tolerance", rule.tolerance());
    return settings;
  }

  /** Far below any accuracy and tolerance, so that every candidate is refused. */
  @Override
  public double dearest(Trial trial) {
    return 1e6 * (SearchSpace.meanBandwidth(trial) - 1);
  }

  @Override
  public SearchResult search(Evaluator evaluator) {
    Contest contest = new Contest(evaluator, rule, space.seeds());
    int[] chosen = space.allFull();
    Candidate baseline = baseline();
    Candidate current = baseline;
    List<Decision> decisions = new ArrayList<>();
    try {
      contest.measure(List.of(baseline), contest.seeds());
      if (Double.isNaN(contest.measured(baseline).mean())) {
        throw new CurriculumException(
            "Training at full bandwidth failed, so there is no baseline to compare with: see its run.");
      }
      for (int stage = chosen.length - 2; stage >= 0; stage--) {
        if (chosen[stage + 1] == space.bandwidths().get(0)) {
          break; // the earlier stages have it already
        }
        Decision decision =
            decide(contest, List.of(baseline, current), candidates(chosen, stage), stage);
        decisions.add(decision);
        evaluator.decided(decision);
        current = decision.taken().measured().candidate();
        Arrays.fill(chosen, 0, stage + 1, Integer.parseInt(decision.chosen()));
      }
    } catch (BudgetSpent e) {
      return new SearchResult(current.curriculum(), decisions, false);
    }
    return new SearchResult(current.curriculum(), decisions, true);
  }

  /** The stages up to one at each bandwidth that is smaller than that of the next. */
  private List<Candidate> candidates(int[] chosen, int stage) {
    List<Integer> kept = IntStream.rangeClosed(1, stage).boxed().toList();
    List<Candidate> candidates = new ArrayList<>();
    for (int bandwidth : space.bandwidths()) {
      if (bandwidth < chosen[stage + 1]) {
        int[] trial = chosen.clone();
        Arrays.fill(trial, 0, stage + 1, bandwidth);
        Curriculum curriculum = space.curriculum("greedy search", Clock.EPOCHS, trial);
        candidates.add(new Candidate(String.valueOf(bandwidth), curriculum, Cut.NONE, kept));
      }
    }
    return candidates;
  }

  private Candidate baseline() {
    double magnitude = space.magnitudes().get(space.stages() - 1);
    Stage whole = Stage.of(space.full(), 1, magnitude);
    Curriculum curriculum = new Curriculum("baseline", Clock.EPOCHS, List.of(whole));
    return new Candidate(String.valueOf(space.full()), curriculum, Cut.NONE, List.of());
  }

  /**
   * Looks for the first candidate that is good enough.
   *
   * @param standing the baseline, and what was accepted last
   */
  private Decision decide(
      Contest contest, List<Candidate> standing, List<Candidate> candidates, int stage) {
    Candidate baseline = standing.get(0);
    Candidate current = standing.get(1);
    List<Decision.Option> options = new ArrayList<>();
    options.add(
        new Decision.Option(
            contest.measured(current),
            contest.difference(current, baseline, contest.noiseWith(List.of()))));
    String what = "stage " + (stage + 1);
    int asked = 0;
    for (int i = 0; i < candidates.size(); i++) {
      if (i == asked) {
        asked = Math.min(candidates.size(), i + contest.candidatesAtOnce());
        contest.measure(candidates.subList(i, asked), contest.firstLook());
      }
      Candidate candidate = candidates.get(i);
      Difference difference = compare(contest, candidate, baseline);
      options.add(new Decision.Option(contest.measured(candidate), difference));
      if (!difference.below(-rule.tolerance(), rule.errors())) {
        boolean unclear = difference.unclear(-rule.tolerance(), rule.errors());
        return new Decision(what, candidate.name(), options, unclear);
      }
    }
    return new Decision(what, current.name(), options, contest.seeds() == 1);
  }

  private Difference compare(Contest contest, Candidate candidate, Candidate baseline) {
    List<Candidate> both = List.of(baseline, candidate);
    Noise noise = contest.noiseWith(both);
    Difference difference = contest.difference(candidate, baseline, noise);
    if (contest.seeds() > contest.firstLook()
        && (contest.isMadeUp(candidate) || !difference.below(-rule.tolerance(), rule.hopeless()))) {
      contest.measure(List.of(candidate), contest.seeds());
      noise = contest.noiseWith(both);
      difference = contest.difference(candidate, baseline, noise);
    }
    contest.learn(noise);
    return difference;
  }
}
