package org.efficienttrain.images.loader;

/**
 * What a loader has done so far.
 *
 * @param batches handed out
 * @param samples handed out, replayed ones included
 * @param waitedSeconds time that the consumer stood still, waiting for a batch: near zero when
 *     loading is not the bottleneck
 * @param workerSeconds time that all workers together spent on reading and transforming
 */
public record LoaderStatistics(
    long batches, long samples, double waitedSeconds, double workerSeconds) {}
