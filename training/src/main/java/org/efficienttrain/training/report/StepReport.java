package org.efficienttrain.training.report;

/**
 * One optimiser step, as it is logged.
 *
 * @param step steps taken, this one included
 * @param totalSteps steps of the whole run
 * @param epoch passes over the data completed, with fraction
 * @param loss training loss of this step, mean over its batch
 * @param learningRate rate that this step was taken with
 * @param gradientNorm Euclidean norm of all gradients before clipping; NaN where nothing clips
 * @param bandwidth side in pixels of the low-frequency crop
 * @param magnitude strength of RandAugment
 * @param batchSize images of this step
 * @param imagesPerSecond speed since the report before
 * @param waitingShare share of the time since then that the network waited for images, 0 to 1
 * @param secondsLeft estimate of the training time left
 */
public record StepReport(
    long step,
    long totalSteps,
    double epoch,
    double loss,
    double learningRate,
    double gradientNorm,
    int bandwidth,
    double magnitude,
    int batchSize,
    double imagesPerSecond,
    double waitingShare,
    double secondsLeft) {}
