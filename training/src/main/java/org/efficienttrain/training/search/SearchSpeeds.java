package org.efficienttrain.training.search;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.search.SharedRuns;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.Training;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.run.DryRun;

/**
 * How long trainings take here, from a few steps at each bandwidth.
 *
 * @param imagesPerSecond by bandwidth
 * @param evaluationSeconds of one evaluation
 */
public record SearchSpeeds(Map<Integer, Double> imagesPerSecond, double evaluationSeconds) {
  /** A forward pass alone against one with the backward pass, which is about twice as long. */
  private static final double FORWARD = 1 / 3.0;

  /**
   * Measures.
   *
   * @param bandwidths in increasing order, the last the full one
   */
  public static SearchSpeeds measure(
      Recipe base, DatasetSplits data, RunOptions options, List<Integer> bandwidths) {
    String stages = bandwidths.stream().map(b -> b + ":1").collect(Collectors.joining(","));
    Recipe all = base.with("curriculum", "epochs " + stages);
    Map<Integer, Double> speeds = new TreeMap<>();
    for (DryRun.PhaseEstimate e : Training.dryRun(all, data, options).phases()) {
      speeds.put(e.phase().bandwidth(), e.imagesPerSecond());
    }
    double full = speeds.get(bandwidths.get(bandwidths.size() - 1));
    return new SearchSpeeds(speeds, FORWARD * data.validation().size() / full);
  }

  /** Time of the steps of a trial from one on, and of its evaluation. */
  double seconds(SharedRuns.Planned planned, long firstStep) {
    double seconds = evaluationSeconds;
    for (Phase phase : planned.plan().phases()) {
      seconds +=
          phase.stepsFrom(firstStep)
              * (double) phase.batchSize()
              / imagesPerSecond.get(phase.bandwidth());
    }
    return seconds;
  }
}
