package org.efficienttrain.training.report;

import java.util.List;

/**
 * How a run ended: the content of {@code summary.json}.
 *
 * @param model name of the backbone
 * @param curriculum name of the curriculum
 * @param imageSize side in pixels of the images at full bandwidth
 * @param epochs length asked for, in the unit of the curriculum's clock
 * @param seed seed of the run
 * @param accuracy share of validation images whose first guess is right, 0 to 1; of the averaged
 *     weights where the recipe averages them
 * @param top5Accuracy share whose first five guesses hold the right class, 0 to 1
 * @param loss mean validation cross-entropy
 * @param bestAccuracy highest accuracy of all evaluations at full bandwidth, 0 to 1
 * @param bestStep optimiser steps taken when it was measured
 * @param rawAccuracy accuracy of the weights themselves; equals {@code accuracy} without averaging
 * @param validationImages images that the accuracy was measured on
 * @param steps optimiser steps
 * @param imagesSeen images trained on, repetitions counted
 * @param dataEpochs passes over the data
 * @param equivalentEpochs compute spent, in units of one epoch at full bandwidth, by the plan's
 *     cost model
 * @param predictedSpeedup speed-up over the baseline that the cost model predicts
 * @param trainingSeconds wall time of the training steps, waiting for images included, evaluations
 *     and checkpoints not
 * @param evaluationSeconds wall time of the evaluations
 * @param checkpointSeconds wall time of writing checkpoints
 * @param waitingSeconds part of the training seconds that the network waited for images
 * @param brokenImages images that could not be used
 * @param stages what each stretch of one exposure did
 */
public record Summary(
    String model,
    String curriculum,
    int imageSize,
    double epochs,
    long seed,
    double accuracy,
    double top5Accuracy,
    double loss,
    double bestAccuracy,
    long bestStep,
    double rawAccuracy,
    long validationImages,
    long steps,
    long imagesSeen,
    double dataEpochs,
    double equivalentEpochs,
    double predictedSpeedup,
    double trainingSeconds,
    double evaluationSeconds,
    double checkpointSeconds,
    double waitingSeconds,
    long brokenImages,
    List<Stage> stages) {

  /**
   * One phase of the plan as it ran.
   *
   * @param bandwidth side in pixels of the low-frequency crop
   * @param magnitude strength of RandAugment
   * @param images images trained on
   * @param seconds wall time
   * @param imagesPerSecond their ratio
   */
  public record Stage(
      int bandwidth, double magnitude, long images, double seconds, double imagesPerSecond) {}

  public Summary {
    stages = List.copyOf(stages);
  }
}
