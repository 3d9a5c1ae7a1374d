package org.efficienttrain.curriculum.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.efficienttrain.curriculum.Clock;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.CurriculumException;
import org.efficienttrain.curriculum.Cut;

/**
 * The search behind EfficientTrain++ (TPAMI 2024): the best use of a fixed amount of compute.
 *
 * <p>The compute is cut into K slices of equal cost. From the first to the last but one, each takes
 * the bandwidth that leaves the best network, where every candidate spends the same compute: a
 * smaller bandwidth makes more passes. A candidate goes on from what the slices before it left,
 * trains its slice, and is judged after a short fine-tuning at full bandwidth. A slice with one
 * candidate left is not trained, and the last is at full bandwidth. With C bandwidths and a
 * fine-tuning f this costs at most {@code (K - 1) C (1 / K + f)} whole runs for each seed, because
 * earlier slices are not trained again: each trial keeps its state before the fine-tuning.
 *
 * <p>Among candidates that differ by no more than the noise the smallest bandwidth is taken: it
 * costs least for an image, and leaves later slices the widest choice.
 *
 * <p>The released code holds the result and not the search, so the number of slices and the length
 * of the fine-tuning are parameters here.
 *
 * @param space bandwidths, magnitudes of the slices and seeds
 * @param annealing compute of the fine-tuning as a part of the whole run, in (0, 1]
 * @param rule what is noise; the tolerance is not used
 */
public record ComputeConstrainedSearch(SearchSpace space, double annealing, NoiseRule rule)
    implements SearchAlgorithm {

  /**
   * Checks the fine-tuning.
   *
   * @throws CurriculumException when it is out of range
   */
  public ComputeConstrainedSearch {
    if (!(annealing > 0 && annealing <= 1)) {
      throw new CurriculumException(
          "Fine-tuning takes a part of the run above 0 and at most 1, not " + annealing + ".");
    }
  }

  /** With a fine-tuning of a twentieth of the run, and the standard rule for noise. */
  public static ComputeConstrainedSearch of(SearchSpace space) {
    return new ComputeConstrainedSearch(space, 0.05, NoiseRule.standard(0));
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = space.settings("compute");
    settings.put("tuning", annealing);
    return settings;
  }

  /** Above any accuracy and best for the smallest, so that all are candidates to the end. */
  @Override
  public double dearest(Trial trial) {
    return 1e3 * (2 - SearchSpace.meanBandwidth(trial));
  }

  @Override
  public SearchResult search(Evaluator evaluator) {
    Contest contest = new Contest(evaluator, rule, space.seeds());
    int[] chosen = space.allFull();
    List<Decision> decisions = new ArrayList<>();
    try {
      for (int slice = 0; slice < chosen.length - 1; slice++) {
        List<Candidate> candidates = candidates(chosen, slice);
        if (candidates.size() == 1) {
          break; // full bandwidth from here on
        }
        Decision decision = contest.choose("slice " + (slice + 1), candidates);
        decisions.add(decision);
        evaluator.decided(decision);
        chosen[slice] = Integer.parseInt(decision.chosen());
      }
    } catch (BudgetSpent e) {
      return new SearchResult(curriculum(chosen), decisions, false);
    }
    return new SearchResult(curriculum(chosen), decisions, true);
  }

  /** The slice at each bandwidth that is no smaller than that of the one before. */
  private List<Candidate> candidates(int[] chosen, int slice) {
    Cut cut = new Cut((slice + 1.0) / chosen.length, annealing);
    List<Candidate> candidates = new ArrayList<>();
    for (int bandwidth : space.bandwidths()) {
      if (slice == 0 || bandwidth >= chosen[slice - 1]) {
        int[] trial = chosen.clone();
        trial[slice] = bandwidth;
        candidates.add(
            new Candidate(String.valueOf(bandwidth), curriculum(trial), cut, List.of(slice + 1)));
      }
    }
    return candidates;
  }

  private Curriculum curriculum(int[] chosen) {
    return space.curriculum("compute-constrained search", Clock.COMPUTE, chosen);
  }
}
