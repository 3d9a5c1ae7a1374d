package org.efficienttrain.curriculum;

/**
 * A maximal run of steps of a plan with one exposure.
 *
 * @param firstEpoch passes over the data completed before this phase, so 0 for the first; whole
 *     unless the plan had to cut inside an epoch
 * @param epochs passes over the data in this phase, above 0; whole under the same condition
 * @param firstStep optimiser steps completed before this phase
 * @param steps optimiser steps in this phase, at least 1
 * @param stepsPerEpoch optimiser steps of one pass over the data at this phase's batch size
 * @param exposure bandwidth and magnitude in force
 * @param batchSize images per optimiser step over all ranks
 * @param microBatch images one rank passes through the network at once; divides its part of the
 *     batch
 * @param accumulation micro-batches per optimiser step on each rank: {@code batchSize = ranks x
 *     microBatch x accumulation}
 * @param learningRateScale factor on the scheduled learning rate: the square root of the batch
 *     multiplier, 1 without the early large batch
 * @param imageCost cost of one image relative to full bandwidth
 */
public record Phase(
    double firstEpoch,
    double epochs,
    long firstStep,
    long steps,
    long stepsPerEpoch,
    Exposure exposure,
    int batchSize,
    int microBatch,
    int accumulation,
    double learningRateScale,
    double imageCost) {

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

  /** Images shown in this phase. */
  public long images() {
    return steps * batchSize;
  }

  /** Cost of one optimiser step, in images at full bandwidth. */
  public double stepCost() {
    return batchSize * imageCost;
  }
}
