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
   * @param start where it begins
   */
  public record Training(SharedRuns.Planned planned, SharedRuns.Start start) {
    /** Compute of it, in epochs at full bandwidth. */
    public double equivalentEpochs() {
      return planned.plan().equivalentEpochsFrom(start.step());
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
    return of(algorithm, plans, trial -> null, (other, step) -> true);
  }

  /**
   * Rehearses a search from where it is.
   *
   * @param accuracies of the trials that were trained; null of others
   * @param kept whether the state of a trial, known or not, can be gone on from
   */
  public static Rehearsal of(
      SearchAlgorithm algorithm,
      Function<Trial, SharedRuns.Planned> plans,
      Function<Trial, Double> accuracies,
      SharedRuns.Kept kept) {
    List<Training> trainings = new ArrayList<>();
    Set<String> asked = new HashSet<>();
    SharedRuns shared = new SharedRuns();
    algorithm.search(
        trials -> {
          for (Trial trial : trials) {
            if (asked.add(trial.key())) {
              SharedRuns.Planned planned = plans.apply(trial);
              trainings.add(new Training(planned, shared.startOf(planned, kept)));
              shared.add(planned);
            }
          }
          // A comparison of which a part is known may still end in any way.
          boolean known = trials.stream().allMatch(t -> accuracies.apply(t) != null);
          return trials.stream().map(known ? accuracies : algorithm::dearest).toList();
        });
    return new Rehearsal(trainings);
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
