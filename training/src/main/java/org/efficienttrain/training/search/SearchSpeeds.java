package org.efficienttrain.training.search;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.search.Rehearsal;
import org.efficienttrain.curriculum.search.SharedRuns;
import org.efficienttrain.training.Training;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.run.DryRun;

/**
 * How long trainings take here, from a few steps at each bandwidth.
 *
 * @param imagesPerSecond by bandwidth, of all trainings that go on at the same time together
 * @param evaluationSeconds that one evaluation adds
 */
public record SearchSpeeds(Map<Integer, Double> imagesPerSecond, double evaluationSeconds) {
  /** A forward pass alone against one with the backward pass, which is about twice as long. */
  private static final double FORWARD = 1 / 3.0;

  /** Measures at every bandwidth that a search may train at. */
  public static SearchSpeeds measure(CurriculumSearch search) {
    TrialRuns runs = search.runs();
    List<Integer> bandwidths =
        search.rehearsal().trainings().stream()
            .flatMap(t -> t.planned().plan().phases().stream())
            .map(Phase::bandwidth)
            .distinct()
            .sorted()
            .toList();
    String stages = bandwidths.stream().map(b -> b + ":1").collect(Collectors.joining(","));
    Recipe all = runs.base().with("curriculum", "epochs " + stages);
    Map<Integer, Double> speeds = new TreeMap<>();
    for (DryRun.PhaseEstimate e : Training.dryRun(all, runs.data(), runs.options()).phases()) {
      speeds.put(e.phase().bandwidth(), e.imagesPerSecond());
    }
    double full = speeds.get(bandwidths.get(bandwidths.size() - 1));
    return new SearchSpeeds(speeds, FORWARD * runs.data().validation().size() / full);
  }

  /** Those of several devices, each as fast as this one, that train at the same time. */
  public SearchSpeeds times(int devices) {
    Map<Integer, Double> together = new TreeMap<>(imagesPerSecond);
    together.replaceAll((bandwidth, speed) -> devices * speed);
    return new SearchSpeeds(together, evaluationSeconds / devices);
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

  /** Time of all trainings of a rehearsal. */
  public double seconds(Rehearsal rehearsal) {
    return rehearsal.trainings().stream()
        .mapToDouble(t -> seconds(t.planned(), t.start().step()))
        .sum();
  }
}
