package org.efficienttrain.curriculum;

/**
 * A part of a plan with one exposure and one kind of batch: stages of a curriculum, counted in
 * steps. Neighbouring stages that show the same become one phase, and a stage too short for a step
 * has none.
 *
 * @param span where in the run it lies
 * @param exposure bandwidth and magnitude in force
 * @param batch what each of its steps takes
 * @param learningRateScale factor on the scheduled learning rate: the square root of the batch
 *     multiplier, 1 without the early large batch
 * @param imageCost cost of one image relative to full bandwidth
 */
public record Phase(
    Span span, Exposure exposure, StepBatch batch, double learningRateScale, double imageCost) {

  /**
   * A part of a run, in passes over the data and in steps.
   *
   * @param start where in the passes over the data it starts
   * @param firstEpoch the same as a number, so 0 for the first; whole unless the plan had to cut
   *     inside an epoch
   * @param epochs passes over the data, above 0; whole under the same condition
   * @param firstStep optimiser steps completed before
   * @param steps optimiser steps, at least 1
   * @param stepsPerEpoch optimiser steps of one pass over the data
   */
  public record Span(
      EpochPosition start,
      double firstEpoch,
      double epochs,
      long firstStep,
      long steps,
      long stepsPerEpoch) {}

  /**
   * The images of a step.
   *
   * @param replay how often a loaded image is shown, see {@link Stage#replay}
   * @param size images per optimiser step over all ranks
   * @param fresh those of them that are loaded and not shown again; a multiple of the ranks
   * @param micro images one rank passes through the network at once; divides its part of the batch
   * @param accumulation micro-batches per optimiser step on each rank: {@code size = ranks x micro
   *     x accumulation}
   */
  public record StepBatch(int replay, int size, int fresh, int micro, int accumulation) {}

  /** The same phase with one small batch of loaded images, as a measurement takes it. */
  public Phase withBatch(int images) {
    StepBatch small = new StepBatch(1, images, images, images, 1);
    return new Phase(span, exposure, small, learningRateScale, imageCost);
  }

  /** Side in pixels of the low-frequency crop. */
  public int bandwidth() {
    return exposure.bandwidth();
  }

  /** Strength of RandAugment. */
  public double magnitude() {
    return exposure.magnitude();
  }

  /** Where in the passes over the data it starts. */
  public EpochPosition start() {
    return span.start;
  }

  /** Passes over the data completed before this phase. */
  public double firstEpoch() {
    return span.firstEpoch;
  }

  /** Passes over the data in this phase. */
  public double epochs() {
    return span.epochs;
  }

  /** Optimiser steps completed before this phase. */
  public long firstStep() {
    return span.firstStep;
  }

  /** Optimiser steps in this phase. */
  public long steps() {
    return span.steps;
  }

  /** Optimiser steps of one pass over the data in this phase. */
  public long stepsPerEpoch() {
    return span.stepsPerEpoch;
  }

  /** How often a loaded image is shown. */
  public int replay() {
    return batch.replay;
  }

  /** Images per optimiser step over all ranks. */
  public int batchSize() {
    return batch.size;
  }

  /** Those of them that are loaded and not shown again. */
  public int freshImages() {
    return batch.fresh;
  }

  /** Images one rank passes through the network at once. */
  public int microBatch() {
    return batch.micro;
  }

  /** Micro-batches per optimiser step on each rank. */
  public int accumulation() {
    return batch.accumulation;
  }

  /** The step after the last of this phase. */
  public long endStep() {
    return firstStep() + steps();
  }

  /** Passes over the data completed when this phase ends. */
  public double endEpoch() {
    return firstEpoch() + epochs();
  }

  /** Steps of this phase that are at or after a step of the run. */
  public long stepsFrom(long step) {
    return Math.max(0, endStep() - Math.max(firstStep(), step));
  }

  /** Whether it starts where the other does and does the same, for however long. */
  boolean startsLike(Phase other) {
    return start().equals(other.start())
        && firstStep() == other.firstStep()
        && exposure.equals(other.exposure)
        && replay() == other.replay()
        && batchSize() == other.batchSize()
        && freshImages() == other.freshImages()
        && microBatch() == other.microBatch()
        && learningRateScale == other.learningRateScale;
  }

  /** Images shown in this phase. */
  public long images() {
    return steps() * batchSize();
  }

  /** Cost of one optimiser step, in images at full bandwidth. */
  public double stepCost() {
    return batchSize() * imageCost;
  }

  /**
   * Where in the passes over the data a step of this phase, or the one after its last, starts.
   *
   * @param step {@code firstStep} to {@code endStep}
   * @param images in the training set
   */
  EpochPosition positionAt(long step, long images) {
    return start().after(step - firstStep(), freshImages(), images);
  }
}
