package org.efficienttrain.curriculum;

import java.util.ArrayList;
import java.util.List;

/**
 * The search behind EfficientTrain++ (TPAMI 2024): the best use of a fixed amount of compute.
 *
 * <p>The compute is cut into slices of equal cost. From the first to the last but one, each slice
 * takes the bandwidth that leaves the best network, where every candidate spends the same compute:
 * a smaller bandwidth makes more passes. A candidate is judged after a short fine-tuning at full
 * bandwidth, so that networks trained at different sizes compare fairly; no run goes further than
 * its slice. With K slices and C bandwidths that is at most {@code (K - 1) C} partial runs and one
 * full run. Equal accuracies go to the smaller bandwidth.
 *
 * <p>The released code holds the result and not the search, so the number of slices and the length
 * of the fine-tuning are parameters here.
 *
 * @param bandwidths candidates in increasing order; the last is the full bandwidth
 * @param magnitudes RandAugment magnitude of each slice; their number is K
 * @param fineTuning compute of the fine-tuning as a part of the full run, in (0, 1]
 */
public record ComputeConstrainedSearch(
    List<Integer> bandwidths, List<Double> magnitudes, double fineTuning) {

  /**
   * Checks the candidates.
   *
   * @throws CurriculumException when bandwidths are not increasing, a list is empty or the
   *     fine-tuning is out of range
   */
  public ComputeConstrainedSearch {
    bandwidths = SearchSpace.checkBandwidths(bandwidths);
    magnitudes = SearchSpace.checkMagnitudes(magnitudes);
    if (!(fineTuning > 0 && fineTuning <= 1)) {
      throw new CurriculumException(
          "Fine-tuning takes a part of the run above 0 and at most 1, not " + fineTuning + ".");
    }
  }

  /** Searches; the last answer asked for is that of the full run with what was found. */
  public SearchResult search(Evaluator evaluator) {
    int slices = magnitudes.size();
    List<Integer> chosen = new ArrayList<>();
    for (int slice = 1; slice < slices; slice++) {
      double budget = (double) slice / slices + fineTuning;
      int best = full();
      double bestAccuracy = Double.NEGATIVE_INFINITY;
      for (int bandwidth : bandwidths) {
        if (!chosen.isEmpty() && bandwidth < chosen.get(chosen.size() - 1)) {
          continue; // a curriculum never shrinks
        }
        double accuracy = evaluator.accuracy(fineTuned(chosen, bandwidth, budget), budget);
        if (accuracy > bestAccuracy) {
          best = bandwidth;
          bestAccuracy = accuracy;
        }
      }
      chosen.add(best);
    }
    chosen.add(full());
    Curriculum found = curriculum(sliceStages(chosen, 1));
    return new SearchResult(found, evaluator.accuracy(found, 1));
  }

  /** The slices chosen so far, one more at a bandwidth, then the fine-tuning. */
  private Curriculum fineTuned(List<Integer> chosen, int bandwidth, double budget) {
    List<Integer> slices = new ArrayList<>(chosen);
    slices.add(bandwidth);
    List<Stage> stages = sliceStages(slices, budget);
    stages.add(Stage.of(full(), fineTuning / budget, magnitudes.get(slices.size() - 1)));
    return curriculum(stages);
  }

  private List<Stage> sliceStages(List<Integer> slices, double budget) {
    List<Stage> stages = new ArrayList<>();
    double share = 1.0 / magnitudes.size() / budget;
    for (int i = 0; i < slices.size(); i++) {
      stages.add(Stage.of(slices.get(i), share, magnitudes.get(i)));
    }
    return stages;
  }

  private static Curriculum curriculum(List<Stage> stages) {
    return new Curriculum("compute-constrained search", Clock.COMPUTE, stages);
  }

  private int full() {
    return bandwidths.get(bandwidths.size() - 1);
  }
}
