package org.efficienttrain.training.task;

import java.util.function.BooleanSupplier;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.augment.AugmentationSpec;
import org.efficienttrain.images.augment.SampleTransforms;
import org.efficienttrain.images.loader.Batch;
import org.efficienttrain.images.loader.BatchLoader;
import org.efficienttrain.images.loader.BatchShape;
import org.efficienttrain.images.loader.BatchStream;
import org.efficienttrain.images.loader.LoaderSettings;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.tensor.Autocast;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.batch.BatchPreparation;
import org.efficienttrain.training.batch.LowFrequencyCrop;

/**
 * Measures a network on images: the centre crop of each, once.
 *
 * @param imageSize side in pixels that images are brought to
 * @param bandwidth side in pixels of the low-frequency crop that the network sees; as in the
 *     official code of the ICCV paper a stage of the curriculum is measured on what it trains on.
 *     Equal to {@code imageSize} for the accuracy that counts
 * @param crop share of the shorter side that the centre crop keeps
 * @param batchSize images at once
 * @param precision type of the forward pass
 * @param workers threads that read images
 * @param maxBroken share of the images that may be unreadable, 0 to 1
 */
public record Evaluation(
    int imageSize,
    int bandwidth,
    double crop,
    int batchSize,
    Device device,
    DType precision,
    int workers,
    double maxBroken) {

  /** Evaluates at full bandwidth in float32. */
  public static Evaluation at(int imageSize, double crop, Device device) {
    int cores = Runtime.getRuntime().availableProcessors();
    return new Evaluation(
        imageSize,
        imageSize,
        crop,
        128,
        device,
        DType.FLOAT32,
        cores,
        LoaderSettings.DEFAULT_MAX_BROKEN_FRACTION);
  }

  /** Counts right answers and sums losses over a dataset. */
  public EvaluationResult run(Backbone network, ImageDataset dataset) {
    return run(network, dataset, () -> false, Collective.single());
  }

  /**
   * Counts right answers and sums losses over a dataset, of which every rank takes its part.
   *
   * @param stop asked before every batch
   * @return the result for the whole dataset, or null when a rank was stopped
   */
  public EvaluationResult run(
      Backbone network, ImageDataset dataset, BooleanSupplier stop, Collective ranks) {
    network.eval();
    EvaluationResult total = new EvaluationResult(0, 0, 0, 0);
    boolean stopped = false;
    LoaderSettings settings =
        LoaderSettings.forEvaluation()
            .withWorkers(workers)
            .withMaxBrokenFraction(maxBroken)
            .withRank(ranks.rank(), ranks.worldSize());
    AugmentationSpec spec = AugmentationSpec.none(imageSize).withEvaluationCrop(crop);
    BatchShape shape = new BatchShape(batchSize, new SampleExposure(imageSize, 0));
    try (LowFrequencyCrop lowFrequency = new LowFrequencyCrop(imageSize, bandwidth, device);
        BatchLoader loader = new BatchLoader(dataset, SampleTransforms.evaluation(spec), settings);
        BatchStream batches = loader.stream(shape)) {
      for (Batch next = batches.next(); next != null; next = batches.next()) {
        try (Batch batch = next;
            NoGrad noGrad = NoGrad.open();
            Scope scope = Scope.open()) {
          if (stop.getAsBoolean()) {
            stopped = true;
            break;
          }
          total = total.plus(count(network, batch, lowFrequency));
        }
      }
    }
    double[] all =
        ranks.sum(
            stopped ? 1 : 0,
            (double) total.images(),
            (double) total.correct(),
            (double) total.correctTop5(),
            total.lossSum());
    if (all[0] > 0) {
      return null;
    }
    total = new EvaluationResult((long) all[1], (long) all[2], (long) all[3], all[4]);
    if (total.images() == 0) {
      throw new UserError("not one of the validation images can be used: check their files");
    }
    return total;
  }

  private EvaluationResult count(Backbone network, Batch batch, LowFrequencyCrop lowFrequency) {
    int n = batch.count();
    Tensor images =
        BatchPreparation.normalise(
            BatchPreparation.upload(batch.pixels(), n, batch.side(), device));
    Tensor labels = BatchPreparation.labels(batch.labels(), 0, n, device);
    Tensor logits = logits(network, lowFrequency.apply(images).channelsLast());
    double loss = Functional.crossEntropy(logits, labels, 0).item() * n;
    long guesses = Math.min(5, logits.size(1));
    Tensor hits = logits.topkIndices(guesses, 1).eq(labels.unsqueeze(1)).to(DType.INT64);
    return new EvaluationResult(
        n, (long) hits.select(1, 0).sum().item(), (long) hits.sum().item(), loss);
  }

  private Tensor logits(Backbone network, Tensor images) {
    try (Autocast autocast = Autocast.open(device, precision)) {
      return network.forward(images).to(DType.FLOAT32);
    }
  }
}
