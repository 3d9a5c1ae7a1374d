package org.efficienttrain.curriculum.search;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.efficienttrain.curriculum.TrainingPlan;

/**
 * What a search would train if it went as long as it can: no candidate is given up early, and every
 * answer is the one with which most is left to try.
 *
 * @param trainings in the order in which they would be asked for
 */
public record Rehearsal(List<Training> trainings) {
  /**
   * One training.
   *
   * @param planned the trial
   * @param firstStep steps that another trial took already
   */
  public record Training(SharedRuns.Planned planned, long firstStep) {
    /** Compute of it, in epochs at full bandwidth. */
    public double equivalentEpochs() {
      return planned.plan().equivalentEpochsFrom(firstStep);
    }
  }

  /** Keeps the list unmodifiable. */
  public Rehearsal {
    trainings = List.copyOf(trainings);
  }

  /**
   * Rehearses a search.
   *
   * @param plans lays a trial over its run
   */
  public static Rehearsal of(SearchAlgorithm algorithm, Function<Trial, SharedRuns.Planned> plans) {
    return of(algorithm, plans, trial -> null);
  }

  /**
   * Rehearses a search from where it is.
   *
   * @param known accuracy of a trial, or null
   */
  public static Rehearsal of(
      SearchAlgorithm algorithm,
      Function<Trial, SharedRuns.Planned> plans,
      Function<Trial, Double> known) {
    List<Training> trainings = new ArrayList<>();
    Set<String> asked = new HashSet<>();
    SharedRuns shared = new SharedRuns();
    algorithm
        .patient()
        .search(
            trials -> {
              for (Trial trial : trials) {
                if (asked.add(trial.key())) {
                  SharedRuns.Planned planned = plans.apply(trial);
                  trainings.add(new Training(planned, shared.startOf(planned).step()));
                  shared.add(planned);
                }
              }
              return trials.stream().map(t -> answer(algorithm, known.apply(t), t)).toList();
            });
    return new Rehearsal(trainings);
  }

  private static double answer(SearchAlgorithm algorithm, Double known, Trial trial) {
    return known == null ? algorithm.dearest(trial) : known;
  }

  /** Compute of all of them, in whole runs at full bandwidth. */
  public double equivalentRuns() {
    return trainings.stream()
        .mapToDouble(t -> t.equivalentEpochs() / plan(t).request().epochs())
        .sum();
  }

  private static TrainingPlan plan(Training training) {
    return training.planned().plan();
  }
}
