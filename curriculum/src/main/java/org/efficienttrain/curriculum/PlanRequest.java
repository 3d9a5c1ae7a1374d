package org.efficienttrain.curriculum;

/**
 * What a {@link TrainingPlan} is made for: the numbers of a run that a curriculum is laid over.
 *
 * @param images images in the training set, at least one batch
 * @param epochs length of the run, above 0: passes over the data when the curriculum's clock is
 *     {@link Clock#EPOCHS}, equivalent epochs (units of compute) when it is {@link Clock#COMPUTE}
 * @param batchSize images per optimiser step over all ranks, a multiple of their number
 * @param earlyLargeBatch cap of the early large batch (EfficientTrain++ section 5.3): at bandwidth
 *     B the batch is multiplied by (imageSize / B)^2, rounded, and at most by this; 1 turns it off
 * @param processes who shares the batch
 * @param costModel relative cost of an image at a bandwidth
 */
public record PlanRequest(
    long images,
    double epochs,
    int batchSize,
    int earlyLargeBatch,
    Processes processes,
    CostModel costModel) {

  /**
   * Data-parallel processes.
   *
   * @param ranks how many, at least 1
   * @param microBatch images that one can hold at full bandwidth, at least 1; when that is fewer
   *     than its part of the batch, gradients accumulate
   */
  public record Processes(int ranks, int microBatch) {}

  /**
   * Checks the ranges.
   *
   * @throws CurriculumException naming the first number that is out of range
   */
  public PlanRequest {
    int ranks = processes.ranks;
    int microBatch = processes.microBatch;
    if (!(epochs > 0) || epochs > 1e6) {
      throw new CurriculumException(
          "A run lasts more than 0 and at most 1000000 epochs, not " + epochs + ".");
    }
    if (batchSize < 1 || ranks < 1 || microBatch < 1 || earlyLargeBatch < 1) {
      throw new CurriculumException(
          "Batch size %d, ranks %d, micro-batch %d and early large batch %d must all be at least 1."
              .formatted(batchSize, ranks, microBatch, earlyLargeBatch));
    }
    if (batchSize % ranks != 0) {
      throw new CurriculumException(
          "Batch size %d cannot be split over %d ranks: use a multiple of %d."
              .formatted(batchSize, ranks, ranks));
    }
    if (images < batchSize) {
      throw new CurriculumException(
          "The training set has %d images, fewer than one batch of %d: use a smaller batch size."
              .formatted(images, batchSize));
    }
  }

  /** One process that holds a whole batch, with the pixel cost model. */
  public static PlanRequest of(long images, double epochs, int batchSize) {
    Processes alone = new Processes(1, Math.max(1, batchSize));
    return new PlanRequest(images, epochs, batchSize, 1, alone, CostModel.pixels());
  }

  /** Data-parallel processes. */
  public int ranks() {
    return processes.ranks;
  }

  /** Images that one process can hold at full bandwidth. */
  public int microBatch() {
    return processes.microBatch;
  }

  /** The same on that many data-parallel ranks. */
  public PlanRequest withRanks(int ranks) {
    return with(earlyLargeBatch, new Processes(ranks, microBatch()), costModel);
  }

  /** The same when a rank holds at most that many images at full bandwidth. */
  public PlanRequest withMicroBatch(int microBatch) {
    return with(earlyLargeBatch, new Processes(ranks(), microBatch), costModel);
  }

  /** The same with the early large batch, capped at that multiple of the batch size. */
  public PlanRequest withEarlyLargeBatch(int earlyLargeBatch) {
    return with(earlyLargeBatch, processes, costModel);
  }

  /** The same under another cost model. */
  public PlanRequest withCostModel(CostModel costModel) {
    return with(earlyLargeBatch, processes, costModel);
  }

  private PlanRequest with(int earlyLargeBatch, Processes processes, CostModel costModel) {
    return new PlanRequest(images, epochs, batchSize, earlyLargeBatch, processes, costModel);
  }

  /** Optimiser steps of one pass over the data at the plain batch size; the rest is dropped. */
  public long stepsPerEpoch() {
    return images / batchSize;
  }

  /** A place in the passes over the data as a number of passes. */
  double epochAt(EpochPosition position) {
    double wholeBatches = stepsPerEpoch() * (double) batchSize;
    return position.epoch() + Math.min(1, position.image() / wholeBatches);
  }
}
