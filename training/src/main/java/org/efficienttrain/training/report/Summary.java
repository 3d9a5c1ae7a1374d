package org.efficienttrain.training.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.task.Metrics;
import org.efficienttrain.training.task.Metrics.Metric;

/**
 * How a run ended: the content of {@code summary.json}.
 *
 * @param recipe what was asked for
 * @param result how good the network is
 * @param work what was computed
 * @param time what it took
 * @param brokenImages images that could not be used
 * @param kernels how operations were computed, by operation and shape
 * @param stages what each stretch of one exposure did
 */
public record Summary(
    Recipe recipe,
    Result result,
    Work work,
    Time time,
    long brokenImages,
    Map<String, String> kernels,
    List<StageResult> stages) {

  /**
   * How good the network is.
   *
   * @param counting of the averaged weights where the recipe averages them, else of the weights
   * @param raw of the weights themselves
   * @param best best main metric of all evaluations at full bandwidth
   * @param bestStep optimiser steps taken when it was measured
   */
  public record Result(Metrics counting, Metrics raw, double best, long bestStep) {}

  /**
   * What was computed.
   *
   * @param steps optimiser steps
   * @param imagesSeen images trained on, repetitions counted
   * @param dataEpochs passes over the data
   * @param equivalentEpochs compute spent, in units of one epoch at full bandwidth, by the plan's
   *     cost model
   * @param predictedSpeedup over the baseline, by the cost model
   */
  public record Work(
      long steps,
      long imagesSeen,
      double dataEpochs,
      double equivalentEpochs,
      double predictedSpeedup) {}

  /**
   * Wall time, in seconds.
   *
   * @param training of the training steps, waiting for images included, evaluations and checkpoints
   *     not
   * @param evaluation of the evaluations
   * @param checkpoint of writing checkpoints
   * @param waiting part of the training that the network waited for images
   */
  public record Time(double training, double evaluation, double checkpoint, double waiting) {}

  /**
   * A stage of the curriculum as it ran.
   *
   * @param bandwidth side in pixels of the low-frequency crop
   * @param magnitude strength of RandAugment
   * @param images images trained on
   * @param seconds wall time
   * @param imagesPerSecond their ratio
   */
  public record StageResult(
      int bandwidth, double magnitude, long images, double seconds, double imagesPerSecond) {}

  public Summary {
    stages = List.copyOf(stages);
  }

  /** The main metric of the weights that count: for a classifier the accuracy, 0 to 1. */
  public double accuracy() {
    return result.counting.main().value();
  }

  /** Wall time of the training steps. */
  public double trainingSeconds() {
    return time.training;
  }

  /** Compute spent, in units of one epoch at full bandwidth. */
  public double equivalentEpochs() {
    return work.equivalentEpochs;
  }

  /** Images that the result was measured on. */
  public long validationImages() {
    return result.counting.images();
  }

  /** The numbers by name, as {@code summary.json} has them. */
  public Map<String, Object> toMap() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("model", recipe.model());
    out.put("curriculum", recipe.curriculum());
    out.put("imageSize", recipe.imageSize());
    out.put("epochs", recipe.epochs());
    out.put("seed", recipe.seed());
    result.counting.all().forEach(m -> out.put(m.name(), m.value()));
    Metric main = result.raw.main();
    out.put(MetricsFile.prefixed("best", main), result.best);
    out.put("bestStep", result.bestStep);
    out.put(MetricsFile.prefixed("raw", main), main.value());
    out.put("validationImages", validationImages());
    out.put("steps", work.steps);
    out.put("imagesSeen", work.imagesSeen);
    out.put("dataEpochs", work.dataEpochs);
    out.put("equivalentEpochs", work.equivalentEpochs);
    out.put("predictedSpeedup", work.predictedSpeedup);
    out.put("trainingSeconds", time.training);
    out.put("evaluationSeconds", time.evaluation);
    out.put("checkpointSeconds", time.checkpoint);
    out.put("waitingSeconds", time.waiting);
    out.put("brokenImages", brokenImages);
    out.put("kernels", kernels);
    out.put("stages", stages);
    return out;
  }
}
