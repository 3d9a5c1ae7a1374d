package org.efficienttrain.curriculum;

/**
 * Cosine decay after a linear warm-up, as a pure function of a plan's progress.
 *
 * <p>The official per-step table is the model: over a run of n steps of which w warm up, the rate
 * climbs from 0 at step 0 to the peak at step w - 1 (both ends of the ramp are in the table), is
 * the peak again at step w, and then follows half a cosine that would reach the minimum at step n,
 * one past the last. As a function of progress instead of steps, the curve has no jump where the
 * bandwidth changes on the compute clock.
 *
 * @param peak highest rate, above 0
 * @param minimum rate the cosine decays to, in [0, peak]
 * @param rampEnd progress at which the ramp reaches the peak, in [0, warmup]
 * @param warmup progress at which the cosine starts, in [0, 1)
 */
public record LearningRate(double peak, double minimum, double rampEnd, double warmup) {

  /**
   * Checks the ranges.
   *
   * @throws CurriculumException naming what is out of range
   */
  public LearningRate {
    if (!(peak > 0) || Double.isInfinite(peak) || !(minimum >= 0 && minimum <= peak)) {
      throw new CurriculumException(
          "The peak learning rate %s must be above 0 and the minimum %s between 0 and it."
              .formatted(peak, minimum));
    }
    if (!(warmup >= 0 && warmup < 1) || !(rampEnd >= 0 && rampEnd <= warmup)) {
      throw new CurriculumException(
          "The warm-up takes %s of the run: shorten it to less than the whole run."
              .formatted(warmup));
    }
  }

  /**
   * The schedule of a plan whose warm-up lasts a number of passes over the data, as in the official
   * code: 20 epochs are equally many steps at every bandwidth.
   *
   * @param warmupEpochs passes over the data, at least 0, less than the run
   * @throws CurriculumException when the warm-up is negative or as long as the run
   */
  public static LearningRate cosine(
      TrainingPlan plan, double peak, double minimum, double warmupEpochs) {
    if (!(warmupEpochs >= 0 && warmupEpochs < plan.dataEpochs())) {
      throw new CurriculumException(
          "A warm-up of %s epochs does not fit into a run of %.4g epochs: give a shorter one."
              .formatted(warmupEpochs, plan.dataEpochs()));
    }
    return cosineAfterSteps(plan, peak, minimum, plan.stepsOfEpochs(warmupEpochs));
  }

  /**
   * The schedule of a plan whose warm-up lasts a part of the run on the plan's clock; the official
   * DeiT script for EfficientTrain++ warms up for 0.2.
   *
   * @param warmupShare progress at the end of the warm-up, in [0, 1)
   */
  public static LearningRate cosineWithWarmupShare(
      TrainingPlan plan, double peak, double minimum, double warmupShare) {
    if (!(warmupShare >= 0 && warmupShare < 1)) {
      throw new CurriculumException(
          "A warm-up takes a share of the run from 0 to below 1, not " + warmupShare + ".");
    }
    long low = 0;
    long high = plan.totalSteps() - 1;
    while (low < high) { // first step whose progress reaches the share
      long middle = (low + high) / 2;
      if (plan.progress(middle) < warmupShare) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return cosineAfterSteps(plan, peak, minimum, low);
  }

  private static LearningRate cosineAfterSteps(
      TrainingPlan plan, double peak, double minimum, long steps) {
    long warmupSteps = Math.min(steps, plan.totalSteps() - 1);
    return new LearningRate(
        peak,
        minimum,
        warmupSteps == 0 ? 0 : plan.progress(warmupSteps - 1),
        plan.progress(warmupSteps));
  }

  /**
   * The rate at a point of the run.
   *
   * @param progress 0 at the start, 1 at the end; see {@link TrainingPlan#progress}
   */
  public double at(double progress) {
    if (progress < rampEnd) {
      return peak * progress / rampEnd;
    }
    if (progress <= warmup) {
      return peak;
    }
    double done = (Math.min(progress, 1) - warmup) / (1 - warmup);
    return minimum + 0.5 * (peak - minimum) * (1 + Math.cos(Math.PI * done));
  }

  /** The rate at a step of a plan, with the factor of an early large batch. */
  public double at(TrainingPlan plan, long step) {
    return at(plan.progress(step)) * plan.phaseAt(step).learningRateScale();
  }
}
