package org.efficienttrain.curriculum;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The search that found EfficientTrain's curriculum (ICCV 2023, algorithm 1): the smallest
 * bandwidths that cost no accuracy.
 *
 * <p>Training is cut into stages of equally many epochs, all at full bandwidth to begin with. From
 * the last but one stage to the first, each stage and those before it get the smallest bandwidth
 * with which a full run, later stages as already found, is no worse than the baseline. With N
 * stages and C bandwidths that is at most {@code 2 + (N - 1)(C - 1)} full runs. The paper used N =
 * 5.
 *
 * @param bandwidths candidates in increasing order; the last is the full bandwidth
 * @param magnitudes RandAugment magnitude of each stage; their number is N. The baseline keeps the
 *     last throughout
 * @param tolerance accuracy a curriculum may fall short of the baseline, for example the spread
 *     between seeds; at least 0
 */
public record GreedySearch(List<Integer> bandwidths, List<Double> magnitudes, double tolerance) {

  /**
   * Checks the candidates.
   *
   * @throws CurriculumException when bandwidths are not increasing, a list is empty or the
   *     tolerance is negative
   */
  public GreedySearch {
    bandwidths = SearchSpace.checkBandwidths(bandwidths);
    magnitudes = SearchSpace.checkMagnitudes(magnitudes);
    if (!(tolerance >= 0)) {
      throw new CurriculumException(
          "The tolerance of a search is at least 0, not " + tolerance + ".");
    }
  }

  /** Searches, asking the evaluator for full runs only (budget 1). */
  public SearchResult search(Evaluator evaluator) {
    int full = bandwidths.get(bandwidths.size() - 1);
    double lastMagnitude = magnitudes.get(magnitudes.size() - 1);
    Curriculum baseline =
        new Curriculum("baseline", Clock.EPOCHS, List.of(Stage.of(full, 1, lastMagnitude)));
    double required = evaluator.accuracy(baseline, 1) - tolerance;

    int[] chosen = new int[magnitudes.size()];
    Arrays.fill(chosen, full);
    for (int stage = chosen.length - 2; stage >= 0; stage--) {
      for (int bandwidth : bandwidths) {
        // At the bandwidth of the stage after it, the trial is the one accepted before.
        if (bandwidth >= chosen[stage + 1]) {
          break;
        }
        int[] trial = chosen.clone();
        Arrays.fill(trial, 0, stage + 1, bandwidth);
        if (evaluator.accuracy(curriculum(trial), 1) >= required) {
          chosen = trial;
          break;
        }
      }
    }
    Curriculum found = curriculum(chosen);
    return new SearchResult(found, evaluator.accuracy(found, 1));
  }

  private Curriculum curriculum(int[] chosen) {
    List<Stage> stages = new ArrayList<>(chosen.length);
    for (int i = 0; i < chosen.length; i++) {
      stages.add(Stage.of(chosen[i], 1.0 / chosen.length, magnitudes.get(i)));
    }
    return new Curriculum("greedy search", Clock.EPOCHS, stages);
  }
}
