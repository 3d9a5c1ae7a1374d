package org.efficienttrain.curriculum;

import java.util.ArrayList;
import java.util.List;

/** The learning rate of every step of a plan. */
@FunctionalInterface
public interface LearningRate {
  /**
   * The rate of a step, with the factor of an early large batch.
   *
   * @param step 0 to the plan's {@code totalSteps() - 1}
   */
  double at(long step);

  /** Whether another one has the same rate in all steps before this one. */
  default boolean agreesUpTo(long step, LearningRate other) {
    for (long s = 0; s < step; s++) {
      if (at(s) != other.at(s)) {
        return false;
      }
    }
    return true;
  }

  /**
   * One curve over the progress of the whole run. On the epochs clock this is the official table;
   * on the compute clock the cosine follows compute, and has no jump where the bandwidth changes.
   *
   * <p>A run that is cut short follows this curve up to the cut, and then half a cosine from the
   * rate reached to the minimum over its fine-tuning. Its warm-up is a share of the clock, that of
   * the epochs where it is given in epochs, so that no rate depends on what comes later.
   *
   * @throws CurriculumException when the warm-up is as long as the run
   */
  static LearningRate wholeRun(TrainingPlan plan, Cosine cosine) {
    if (!plan.cut().isNone()) {
      return cutShort(plan, cosine);
    }
    long wanted =
        cosine.warmupShare() > 0
            ? firstStepFrom(plan, cosine.warmupShare())
            : stepsOf(plan, cosine.warmupEpochs());
    long steps = Math.min(wanted, plan.totalSteps() - 1);
    double rampEnd = steps == 0 ? 0 : plan.progress(steps - 1);
    double warmup = plan.progress(steps);
    return step ->
        cosine.value(plan.progress(step), rampEnd, warmup, 1)
            * plan.phaseAt(step).learningRateScale();
  }

  /**
   * The official schedule of EfficientTrain++: every stage is a part of a table that is laid over a
   * run which is all like this stage, with a warm-up of its own. The warm-up takes a larger part of
   * the shorter tables of large bandwidths, so the rate jumps up where the bandwidth grows. On the
   * epochs clock all tables are the same.
   *
   * <p>A run that is cut short follows {@link #wholeRun} here too.
   *
   * <p>A plan that is cut between epochs is rounded to epochs as in the official scripts, so that
   * the rates are theirs; others are not rounded.
   *
   * @throws CurriculumException when the warm-up is as long as the table of a stage
   */
  static LearningRate perStage(TrainingPlan plan, Cosine cosine) {
    if (!plan.cut().isNone()) {
      return cutShort(plan, cosine);
    }
    List<StageTable> tables = new ArrayList<>();
    StageTable table = null;
    for (Phase phase : plan.phases()) {
      table = StageTable.of(plan, cosine, phase, table);
      tables.add(table);
    }
    return step -> {
      Phase phase = plan.phaseAt(step);
      return tables.get(plan.phases().indexOf(phase)).at(step) * phase.learningRateScale();
    };
  }

  private static LearningRate cutShort(TrainingPlan plan, Cosine cosine) {
    double warmup =
        cosine.warmupShare() > 0
            ? cosine.warmupShare()
            : cosine.warmupEpochs() / plan.request().epochs();
    if (warmup >= 1) {
      throw tooLong(cosine.warmupEpochs(), plan.request().epochs());
    }
    long cut = plan.cutStep();
    double reached = cosine.value(plan.progress(cut), warmup, warmup, 1);
    Cosine end = Cosine.afterEpochs(reached, Math.min(reached, cosine.minimum()), 0);
    return step ->
        plan.phaseAt(step).learningRateScale()
            * (step < cut
                ? cosine.value(plan.progress(step), warmup, warmup, 1)
                : end.value((double) (step - cut), 0, 0, (double) (plan.totalSteps() - cut)));
  }

  private static CurriculumException tooLong(double epochs, double run) {
    return new CurriculumException(
        "A warm-up of %s epochs does not fit into a run of %.4g epochs: give a shorter one."
            .formatted(epochs, run));
  }

  private static long stepsOf(TrainingPlan plan, double epochs) {
    if (epochs >= plan.shownEpochs()) {
      throw tooLong(epochs, plan.shownEpochs());
    }
    return plan.stepsOfEpochs(epochs);
  }

  /** The first step whose progress reaches a share. */
  private static long firstStepFrom(TrainingPlan plan, double share) {
    long low = 0;
    long high = plan.totalSteps() - 1;
    while (low < high) {
      long middle = (low + high) / 2;
      if (plan.progress(middle) < share) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
