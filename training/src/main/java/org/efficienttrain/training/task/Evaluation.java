package org.efficienttrain.training.task;

import java.util.Arrays;
import java.util.Optional;
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
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.batch.Preparation;

/**
 * Shows a dataset once, the centre crop of each image, and adds up what a measure counts.
 *
 * @param imageSize side in pixels that images are brought to
 * @param bandwidth side in pixels of the low-frequency crop that the network sees; as in the
 *     official code of the ICCV paper a stage of the curriculum is measured on what it trains on.
 *     Equal to {@code imageSize} for the accuracy that counts
 * @param crop share of the shorter side that the centre crop keeps
 * @param batchSize images at once
 * @param place where it is computed
 */
public record Evaluation(int imageSize, int bandwidth, double crop, int batchSize, Place place) {
  /**
   * Where an evaluation is computed.
   *
   * @param device where the network lives
   * @param precision type of the forward pass
   * @param workers threads that read images
   * @param maxBroken share of the images that may be unreadable, 0 to 1
   * @param ranks processes that share the images
   * @param stop asked before every batch
   */
  public record Place(
      Device device,
      DType precision,
      int workers,
      double maxBroken,
      Collective ranks,
      BooleanSupplier stop) {}

  /** Counts something on a batch. */
  @FunctionalInterface
  public interface Measure {
    /**
     * Numbers to be added up over all batches and ranks.
     *
     * @param images (N, 3, B, B) in float32, normalised, channels last
     * @param labels classes of the N images; -1 where they have none
     * @return as many numbers for every batch
     */
    double[] of(Tensor images, int[] labels);
  }

  /**
   * Shows every image once; of several ranks each shows its part.
   *
   * @param numbers how many the measure counts
   * @return the number of images, then the measure's sums, of all ranks; nothing when one was
   *     stopped
   * @throws UserError if no image can be used
   */
  public Optional<double[]> sums(ImageDataset dataset, int numbers, Measure measure) {
    double[] sums = new double[numbers + 2];
    LoaderSettings settings =
        LoaderSettings.forEvaluation()
            .withWorkers(place.workers)
            .withMaxBrokenFraction(place.maxBroken)
            .withRank(place.ranks.rank(), place.ranks.worldSize());
    AugmentationSpec spec = AugmentationSpec.none(imageSize).withEvaluationCrop(crop);
    BatchShape shape = new BatchShape(batchSize, new SampleExposure(imageSize, 0));
    try (Preparation preparation = new Preparation(imageSize, bandwidth, place.device);
        BatchLoader loader = new BatchLoader(dataset, SampleTransforms.evaluation(spec), settings);
        BatchStream batches = loader.stream(shape)) {
      for (Batch next = batches.next(); next != null; next = batches.next()) {
        try (Batch batch = next;
            NoGrad noGrad = NoGrad.open();
            Scope scope = Scope.open()) {
          if (place.stop.getAsBoolean()) {
            sums[0] = 1;
            break;
          }
          sums[1] += batch.count();
          double[] counted =
              measure.of(
                  preparation.apply(batch.pixels(), batch.count()).channelsLast(), batch.labels());
          for (int i = 0; i < numbers; i++) {
            sums[i + 2] += counted[i];
          }
        }
      }
    }
    double[] all = place.ranks.sum(sums);
    if (all[0] > 0) {
      return Optional.empty();
    }
    if (all[1] == 0) {
      throw new UserError("not one of the validation images can be used: check their files");
    }
    return Optional.of(Arrays.copyOfRange(all, 1, all.length));
  }
}
