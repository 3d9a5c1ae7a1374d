package org.efficienttrain.curriculum;

/**
 * The learning rates of a run that is all like one phase, and where the phase enters them; see
 * {@link LearningRate#perStage}.
 *
 * @param phase the phase
 * @param cosine the form
 * @param first value of the table at the first step of the phase
 * @param warmup values of the warm-up
 * @param length values of the whole table
 */
record StageTable(Phase phase, Cosine cosine, double first, double warmup, double length) {
  /** Absorbs the rounding of products that are whole numbers in exact arithmetic. */
  private static final double EPSILON = 1e-6;

  /**
   * The table of a phase.
   *
   * @param before that of the phase before it; null for the first
   */
  static StageTable of(TrainingPlan plan, Cosine cosine, Phase phase, StageTable before) {
    boolean whole = isCutBetweenEpochs(plan);
    double perEpoch = whole ? phase.stepsPerEpoch() : exactStepsPerEpoch(plan, phase);
    double all = plan.request().epochs() / epochWork(plan, phase);
    double warmupEpochs =
        cosine.warmupShare() > 0
            ? cosine.warmupShare() * all
            : cosine.warmupEpochs() / reuse(phase);
    double first = before == null ? 0 : before.endEpoch(plan);
    if (before != null) {
      first = rounded(first * reuse(before.phase) / reuse(phase), whole);
      first = rounded(first * work(plan, before.phase) / work(plan, phase), whole);
    }
    double length = (whole ? Math.floor(all + EPSILON) : all) * perEpoch;
    double warmup = whole ? Math.floor(warmupEpochs + EPSILON) : warmupEpochs;
    warmup = Math.rint(warmup * perEpoch);
    if (warmup >= length) {
      throw new CurriculumException(
          "A warm-up of %s epochs does not fit into the schedule of bandwidth %d, which has %.4g: give a shorter one."
              .formatted(cosine.warmupEpochs(), phase.bandwidth(), all * reuse(phase)));
    }
    return new StageTable(phase, cosine, first * perEpoch, warmup, length);
  }

  private static boolean isCutBetweenEpochs(TrainingPlan plan) {
    return plan.request().epochs() == Math.rint(plan.request().epochs())
        && plan.phases().stream().allMatch(p -> p.start().image() == 0);
  }

  private static double rounded(double epochs, boolean whole) {
    return whole ? Math.rint(epochs) : epochs;
  }

  /** Epochs of this table that are done when the phase ends. */
  private double endEpoch(TrainingPlan plan) {
    boolean whole = isCutBetweenEpochs(plan);
    return (first + phase.steps())
        / (whole ? phase.stepsPerEpoch() : exactStepsPerEpoch(plan, phase));
  }

  /** Without rounding, so that the steps of equal work are equally far on every table. */
  private static double exactStepsPerEpoch(TrainingPlan plan, Phase phase) {
    return plan.request().stepsPerEpoch()
        * (double) plan.request().batchSize()
        / phase.freshImages();
  }

  /** How often a loaded image is shown. */
  private static double reuse(Phase phase) {
    return (double) phase.batchSize() / phase.freshImages();
  }

  private static double work(TrainingPlan plan, Phase phase) {
    return plan.curriculum().clock().work(phase.imageCost());
  }

  /** What one pass over the data moves the clock, in epochs. */
  private static double epochWork(TrainingPlan plan, Phase phase) {
    return work(plan, phase) * reuse(phase);
  }

  double at(long step) {
    return cosine.value(first + step - phase.firstStep(), Math.max(0, warmup - 1), warmup, length);
  }
}
