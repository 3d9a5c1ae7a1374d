package org.efficienttrain.curriculum;

/**
 * Which images a step shows: the whole address of a batch, so that nobody else has to count.
 *
 * <p>Each pass over the data has an order of its own. With R ranks, rank r loads the images at
 * {@code first + k R + r} of that order, for k from 0 to {@code fresh - 1}; the rest of its batch
 * are images it loaded before.
 *
 * @param epoch pass over the data, from 0
 * @param first place of the first loaded image in the order of that pass, over all ranks
 * @param fresh images that each rank loads, at least 1
 * @param count images in the batch of each rank, at least {@code fresh}
 * @param exposure what they are shown with
 * @param replayFrom first step whose images may be shown again, at most this one
 */
public record PlannedBatch(
    long epoch, long first, int fresh, int count, Exposure exposure, long replayFrom) {}
