package org.efficienttrain.curriculum;

import java.util.List;

/**
 * A curriculum applied to a run: which exposure, batch and learning-rate position every step has.
 *
 * <p>Steps count optimiser steps from 0. Epochs count passes over the data from 0; on the compute
 * clock there are more of them than {@link PlanRequest#epochs}, which then counts equivalent
 * epochs. Short runs are cut inside epochs, longer ones between them, as {@code docs/curriculum.md}
 * explains.
 *
 * @param curriculum the curriculum, already scaled to the image size of the run
 * @param request what it was made for
 * @param phases the phases in order, never empty; the last has the full bandwidth
 * @param cut where the run is cut short
 * @param stageEnds steps completed at the end of each stage, of a run cut short of those up to the
 *     cut and of the fine-tuning; stages that show the same are not merged here
 */
public record TrainingPlan(
    Curriculum curriculum, PlanRequest request, List<Phase> phases, Cut cut, List<Long> stageEnds) {

  /** Keeps the lists unmodifiable. */
  public TrainingPlan {
    phases = List.copyOf(phases);
    stageEnds = List.copyOf(stageEnds);
  }

  /**
   * Lays out a run.
   *
   * @throws IllegalArgumentException when the cost model gives a cost that is not above 0
   */
  public static TrainingPlan of(Curriculum curriculum, PlanRequest request) {
    return of(curriculum, request, Cut.NONE);
  }

  /**
   * Lays out a run that is cut short; it is cut between steps, however long it is.
   *
   * @param cut where; {@link Cut#NONE} for a whole run
   * @throws IllegalArgumentException when the cost model gives a cost that is not above 0
   */
  public static TrainingPlan of(Curriculum curriculum, PlanRequest request, Cut cut) {
    for (Stage stage : curriculum.stages()) {
      double cost = request.costModel().cost(stage.bandwidth(), curriculum.imageSize());
      if (!(cost > 0) || Double.isInfinite(cost)) {
        throw new IllegalArgumentException(
            "The cost model gives %s for bandwidth %d: a cost is a number above 0."
                .formatted(cost, stage.bandwidth()));
      }
    }
    PhaseLayout layout = new PhaseLayout(curriculum, request, cut);
    return new TrainingPlan(curriculum, request, layout.phases(), cut, layout.stageEnds());
  }

  /** Optimiser steps of the whole run. */
  public long totalSteps() {
    return phases.get(phases.size() - 1).endStep();
  }

  /** Steps before the fine-tuning of a run that is cut short; all where it is not. */
  public long cutStep() {
    return cut.isNone() ? totalSteps() : stageEnds.get(stageEnds.size() - 2);
  }

  /**
   * Steps from the first on in which two plans do the same: the same images in the same batches
   * with the same exposure. Learning rates are not compared.
   */
  public long stepsShared(TrainingPlan other) {
    if (request.images() != other.request.images() || request.ranks() != other.request.ranks()) {
      return 0;
    }
    long shared = 0;
    for (int i = 0; i < Math.min(phases.size(), other.phases.size()); i++) {
      Phase mine = phases.get(i);
      Phase theirs = other.phases.get(i);
      if (!mine.startsLike(theirs)) {
        break;
      }
      shared = Math.min(mine.endStep(), theirs.endStep());
      if (mine.endStep() != theirs.endStep()) {
        break;
      }
    }
    return shared;
  }

  /** Passes over the data of the whole run; what the loader delivers. */
  public double dataEpochs() {
    return phases.get(phases.size() - 1).endEpoch();
  }

  /**
   * Compute of the whole run in units of one epoch at full bandwidth, by the run's cost model.
   * About {@link PlanRequest#epochs} on the compute clock, less on the epochs clock.
   */
  public double equivalentEpochs() {
    return equivalentEpochsFrom(0);
  }

  /** Compute of the steps from one on, in the same unit. */
  public double equivalentEpochsFrom(long step) {
    double cost = 0;
    for (Phase phase : phases) {
      cost += phase.stepsFrom(step) * phase.stepCost();
    }
    return cost / (request.stepsPerEpoch() * (double) request.batchSize());
  }

  /**
   * Compute of the run relative to {@link PlanRequest#epochs} epochs at full bandwidth: 1 for
   * {@code none}, 0.653 for {@code efficienttrain} at 224 pixels, and about 1 for {@code
   * efficienttrain++}, which is given its budget in equivalent epochs and spends it all. To compare
   * a run on the compute clock with a longer baseline use {@link #speedUpOver}.
   */
  public double relativeCost() {
    return equivalentEpochs() / request.epochs();
  }

  /**
   * Predicted speed-up over {@link PlanRequest#epochs} epochs at full bandwidth: 1 / relative cost.
   */
  public double speedUp() {
    return speedUpOver(request.epochs());
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

  /**
   * The images that a step shows.
   *
   * @throws IllegalArgumentException when the step is not in 0 .. totalSteps - 1
   */
  public PlannedBatch batchAt(long step) {
    Phase phase = phaseAt(step);
    EpochPosition at = phase.positionAt(step, request.images());
    return new PlannedBatch(
        at.epoch(),
        at.image(),
        phase.freshImages() / request.ranks(),
        phase.batchSize() / request.ranks(),
        phase.exposure(),
        phase.replay() == 1 ? step : phase.firstStep());
  }

  /**
   * Passes over the data done before a step, with the part of the one begun.
   *
   * @param step 0 .. totalSteps
   */
  public double epochAt(long step) {
    Phase phase = phaseAt(Math.min(step, totalSteps() - 1));
    return request.epochAt(phase.positionAt(step, request.images()));
  }

  /**
   * Steps in which as many images are shown as in the first passes over the data, repetitions from
   * a replay buffer counted, rounded to the nearest step: the length of a warm-up given in epochs.
   *
   * @param epochs 0 .. shownEpochs
   */
  public long stepsOfEpochs(double epochs) {
    long steps = 0;
    double before = 0;
    for (Phase phase : phases) {
      double inPhase = Math.min(Math.max(0, epochs - before), shownEpochs(phase));
      steps += Math.round(inPhase * fullEpochSteps(phase));
      before += shownEpochs(phase);
    }
    return steps;
  }

  /** Images shown in the whole run in units of one pass; {@link #dataEpochs} without replay. */
  public double shownEpochs() {
    return phases.stream().mapToDouble(this::shownEpochs).sum();
  }

  private double shownEpochs(Phase phase) {
    return (double) phase.steps() / fullEpochSteps(phase);
  }

  /** Steps in which as many images are shown as there are. */
  private long fullEpochSteps(Phase phase) {
    return request.images() / phase.batchSize();
  }

  /**
   * Part of the run done before a step, on the curriculum's clock: images shown over all images, or
   * compute done over all compute. Continuous and strictly increasing across phases. Of a run that
   * is cut short it is the progress in the whole run, whose length is not rounded to steps then, so
   * that it depends on nothing that comes later.
   *
   * @param step 0 .. totalSteps
   * @return 0 at step 0, 1 at totalSteps of a whole run
   */
  public double progress(long step) {
    if (step < 0 || step > totalSteps()) {
      throw new IllegalArgumentException(
          "Step %d lies outside the plan's steps 0 to %d.".formatted(step, totalSteps()));
    }
    double done = 0;
    double total = 0;
    for (Phase phase : phases) {
      double stepWork = phase.batchSize() * curriculum.clock().work(phase.imageCost());
      long steps = Math.max(0, Math.min(step, phase.endStep()) - phase.firstStep());
      done += steps * stepWork;
      total += phase.steps() * stepWork;
    }
    return done
        / (cut.isNone() ? total : request.epochs() * request.stepsPerEpoch() * request.batchSize());
  }
}
