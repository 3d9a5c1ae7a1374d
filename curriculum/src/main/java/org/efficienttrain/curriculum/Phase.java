package org.efficienttrain.curriculum;

/**
 * A part of a plan with one exposure and one kind of batch: stages of a curriculum, counted in
 * steps. Neighbouring stages that show the same become one phase, and a stage too short for a step
 * has none.
 *
 * @param start where in the passes over the data it starts
 * @param firstEpoch the same as a number, so 0 for the first; whole unless the plan had to cut
 *     inside an epoch
 * @param epochs passes over the data in this phase, above 0; whole under the same condition
 * @param firstStep optimiser steps completed before this phase
 * @param steps optimiser steps in this phase, at least 1
 * @param stepsPerEpoch optimiser steps of one pass over the data in this phase
 * @param exposure bandwidth and magnitude in force
 * @param replay how often a loaded image is shown, see {@link Stage#replay}
 * @param batchSize images per optimiser step over all ranks
 * @param freshImages those of them that are loaded and not shown again; a multiple of the ranks
 * @param microBatch images one rank passes through the network at once; divides its part of the
 *     batch
 * @param accumulation micro-batches per optimiser step on each rank: {@code batchSize = ranks x
 *     microBatch x accumulation}
 * @param learningRateScale factor on the scheduled learning rate: the square root of the batch
 *     multiplier, 1 without the early large batch
 * @param imageCost cost of one image relative to full bandwidth
 */
public record Phase(
    EpochPosition start,
    double firstEpoch,
    double epochs,
    long firstStep,
    long steps,
    long stepsPerEpoch,
    Exposure exposure,
    int replay,
    int batchSize,
    int freshImages,
    int microBatch,
    int accumulation,
    double learningRateScale,
    double imageCost) {

  /** The same phase with one small batch of loaded images, as a measurement takes it. */
  public Phase withBatch(int images) {
    return new Phase(
        start,
        firstEpoch,
        epochs,
        firstStep,
        steps,
        stepsPerEpoch,
        exposure,
        1,
        images,
        images,
        images,
        1,
        learningRateScale,
        imageCost);
  }

  /** Side in pixels of the low-frequency crop. */
  public int bandwidth() {
    return exposure.bandwidth();
  }

  /** Strength of RandAugment. */
  public double magnitude() {
    return exposure.magnitude();
  }

  /** The step after the last of this phase. */
  public long endStep() {
    return firstStep + steps;
  }

  /** Passes over the data completed when this phase ends. */
  public double endEpoch() {
    return firstEpoch + epochs;
  }

  /** Steps of this phase that are at or after a step of the run. */
  public long stepsFrom(long step) {
    return Math.max(0, endStep() - Math.max(firstStep, step));
  }

  /** Whether it starts where the other does and does the same, for however long. */
  boolean startsLike(Phase other) {
    return start.equals(other.start)
        && firstStep == other.firstStep
        && exposure.equals(other.exposure)
        && replay == other.replay
        && batchSize == other.batchSize
        && freshImages == other.freshImages
        && microBatch == other.microBatch
        && learningRateScale == other.learningRateScale;
  }

  /** Images shown in this phase. */
  public long images() {
    return steps * batchSize;
  }

  /** Cost of one optimiser step, in images at full bandwidth. */
  public double stepCost() {
    return batchSize * imageCost;
  }

  /**
   * Where in the passes over the data a step of this phase, or the one after its last, starts.
   *
   * @param step {@code firstStep} to {@code endStep}
   * @param images in the training set
   */
  EpochPosition positionAt(long step, long images) {
    return start.after(step - firstStep, freshImages, images);
  }
}
