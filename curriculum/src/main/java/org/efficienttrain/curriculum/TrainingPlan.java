package org.efficienttrain.curriculum;

import java.util.List;

/**
 * A curriculum applied to a run: which exposure, batch and learning-rate position every step has.
 *
 * <p>Steps count optimiser steps from 0. Epochs count passes over the data from 0; on the compute
 * clock there are more of them than {@link Run#epochs}, which then counts equivalent epochs. Short
 * runs are cut inside epochs, longer ones between them, as {@code docs/curriculum.md} explains.
 *
 * @param curriculum the curriculum, already scaled to the image size of the run
 * @param run the run
 * @param phases the phases in order, never empty; the last has the full bandwidth
 */
public record TrainingPlan(Curriculum curriculum, Run run, List<Phase> phases) {

  /**
   * Where a step lies in the passes over the data.
   *
   * @param epoch passes completed before it
   * @param stepInEpoch steps of this pass before it
   * @param stepsInEpoch steps of a whole pass at this phase's batch size
   */
  public record Position(long epoch, long stepInEpoch, long stepsInEpoch) {}

  /** Keeps the phases unmodifiable. */
  public TrainingPlan {
    phases = List.copyOf(phases);
  }

  /**
   * Lays out a run.
   *
   * @throws IllegalArgumentException when the cost model gives a cost that is not above 0
   */
  public static TrainingPlan of(Curriculum curriculum, Run run) {
    for (Stage stage : curriculum.stages()) {
      double cost = run.costModel().cost(stage.bandwidth(), curriculum.imageSize());
      if (!(cost > 0) || Double.isInfinite(cost)) {
        throw new IllegalArgumentException(
            "The cost model gives %s for bandwidth %d: a cost is a number above 0."
                .formatted(cost, stage.bandwidth()));
      }
    }
    return new TrainingPlan(curriculum, run, new PhaseLayout(curriculum, run).phases());
  }

  /** Optimiser steps of the whole run. */
  public long totalSteps() {
    return phases.get(phases.size() - 1).endStep();
  }

  /** Passes over the data of the whole run; what the loader delivers. */
  public double dataEpochs() {
    return phases.get(phases.size() - 1).endEpoch();
  }

  /** Images shown in the whole run, repetitions counted. */
  public long totalImages() {
    return phases.stream().mapToLong(Phase::images).sum();
  }

  /**
   * Compute of the whole run in units of one epoch at full bandwidth, by the run's cost model.
   * About {@link Run#epochs} on the compute clock, less on the epochs clock.
   */
  public double equivalentEpochs() {
    return totalCost() / (run.stepsPerEpoch() * (double) run.batchSize());
  }

  /**
   * Compute of the run relative to {@link Run#epochs} epochs at full bandwidth: 1 for {@code none},
   * 0.653 for {@code efficienttrain} at 224 pixels, and about 1 for {@code efficienttrain++}, which
   * is given its budget in equivalent epochs and spends it all. To compare a run on the compute
   * clock with a longer baseline use {@link #speedUpOver}.
   */
  public double relativeCost() {
    return equivalentEpochs() / run.epochs();
  }

  /** Predicted speed-up over {@link Run#epochs} epochs at full bandwidth: 1 / relative cost. */
  public double speedUp() {
    return speedUpOver(run.epochs());
  }

  /**
   * Predicted speed-up over a baseline of that many epochs at full bandwidth: 1.5 for {@code
   * efficienttrain++} at 200 equivalent epochs over 300.
   */
  public double speedUpOver(double baselineEpochs) {
    return baselineEpochs / equivalentEpochs();
  }

  /**
   * The phase a step belongs to.
   *
   * @throws IllegalArgumentException when the step is not in 0 .. totalSteps - 1
   */
  public Phase phaseAt(long step) {
    for (Phase phase : phases) {
      if (step >= 0 && step < phase.endStep()) {
        return phase;
      }
    }
    throw new IllegalArgumentException(
        "Step %d lies outside the plan's steps 0 to %d.".formatted(step, totalSteps() - 1));
  }

  /** Bandwidth and magnitude at a step in 0 .. totalSteps - 1. */
  public Exposure exposureAt(long step) {
    return phaseAt(step).exposure();
  }

  /** Where a step in 0 .. totalSteps - 1 lies in the passes over the data. */
  public Position positionAt(long step) {
    Phase phase = phaseAt(step);
    long perEpoch = phase.stepsPerEpoch();
    long position = Math.round(phase.firstEpoch() * perEpoch) + step - phase.firstStep();
    return new Position(position / perEpoch, position % perEpoch, perEpoch);
  }

  /**
   * Steps of the first passes over the data, rounded to the nearest step: the length of a warm-up
   * given in epochs.
   *
   * @param epochs 0 .. dataEpochs
   */
  public long stepsOfEpochs(double epochs) {
    long steps = 0;
    for (Phase phase : phases) {
      double inPhase = Math.min(Math.max(0, epochs - phase.firstEpoch()), phase.epochs());
      steps += Math.round(inPhase * phase.stepsPerEpoch());
    }
    return steps;
  }

  /**
   * Part of the run done before a step, on the curriculum's clock: steps done over all steps, or
   * compute done over all compute. Continuous and strictly increasing across phases.
   *
   * @param step 0 .. totalSteps
   * @return 0 at step 0, 1 at totalSteps
   */
  public double progress(long step) {
    if (step < 0 || step > totalSteps()) {
      throw new IllegalArgumentException(
          "Step %d lies outside the plan's steps 0 to %d.".formatted(step, totalSteps()));
    }
    if (step == totalSteps()) {
      return 1;
    }
    if (curriculum.clock() == Clock.EPOCHS && run.maxBatchMultiplier() == 1) {
      return (double) step / totalSteps();
    }
    double done = 0;
    double total = 0;
    for (Phase phase : phases) {
      double stepWork =
          curriculum.clock() == Clock.COMPUTE ? phase.stepCost() : (double) phase.batchSize();
      long steps = Math.max(0, Math.min(step, phase.endStep()) - phase.firstStep());
      done += steps * stepWork;
      total += phase.steps() * stepWork;
    }
    return done / total;
  }

  private double totalCost() {
    return phases.stream().mapToDouble(phase -> phase.steps() * phase.stepCost()).sum();
  }
}
