package org.efficienttrain.curriculum.search;

import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.curriculum.LearningRate;
import org.efficienttrain.curriculum.TrainingPlan;

/**
 * The trials trained so far, as beginnings of others.
 *
 * <p>What happens in a step depends on the seed, the step and the plan only. So a trial whose plan
 * and learning rates equal those of another one up to a step can go on from what that one had
 * learned there.
 */
public final class SharedRuns {
  private final List<Planned> done = new ArrayList<>();

  /**
   * A trial laid over its run.
   *
   * @param rate of every step
   */
  public record Planned(Trial trial, TrainingPlan plan, LearningRate rate) {
    /** Steps after which its state is kept, in rising order. */
    public List<Long> keptSteps() {
      return trial.keptStages().stream()
          .map(stages -> plan.stageEnds().get(stages - 1))
          .filter(step -> step > 0)
          .distinct()
          .toList();
    }

    /** Whether the other did the same in all steps before this one. */
    public boolean agreesUpTo(long step, Planned other) {
      return trial.seed() == other.trial.seed()
          && plan.stepsShared(other.plan) >= step
          && rate.agreesUpTo(step, other.rate);
    }
  }

  /**
   * Where a trial begins.
   *
   * @param from the trial that it goes on from; null where it begins anew
   * @param step steps that need not be taken
   */
  public record Start(Planned from, long step) {}

  /** Adds a trial that was trained. */
  public void add(Planned planned) {
    done.add(planned);
  }

  /** The latest kept state of a trained trial that this one can go on from. */
  public Start startOf(Planned planned) {
    return startOf(planned, (other, step) -> true);
  }

  /** Whether the state of a trial after a step is still there. */
  @FunctionalInterface
  public interface Kept {
    /** Asked only where it matters. */
    boolean has(Planned other, long step);
  }

  /** The same, of the states that are still there. */
  public Start startOf(Planned planned, Kept kept) {
    Start best = new Start(null, 0);
    for (Planned other : done) {
      for (long step : other.keptSteps()) {
        if (step > best.step && planned.agreesUpTo(step, other) && kept.has(other, step)) {
          best = new Start(other, step);
        }
      }
    }
    return best;
  }
}
