package org.efficienttrain.training.evaluation;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.SampleTransform;
import org.efficienttrain.images.augment.AugmentationSpec;
import org.efficienttrain.images.augment.SampleTransforms;
import org.efficienttrain.images.loader.Batch;
import org.efficienttrain.images.loader.BatchLoader;
import org.efficienttrain.images.loader.BatchShape;
import org.efficienttrain.images.loader.BatchStream;
import org.efficienttrain.images.loader.BrokenFiles;
import org.efficienttrain.images.loader.LoaderSettings;
import org.efficienttrain.tensor.Autocast;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.batch.Normaliser;
import org.efficienttrain.training.task.ModelMetadata;

/**
 * Shows images to a network, each once, in batches; workers decode the next batches while the
 * network looks at this one. Immutable; {@code with...} gives a changed copy.
 */
public final class Inference implements Cloneable {
  /** Told each batch as soon as the network has looked at it. */
  @FunctionalInterface
  public interface Each {
    /**
     * A batch is done. Batch and output end when this returns.
     *
     * @param output what the network said, in float32
     * @param soFar images that could not be used, among them all of this batch and those before it
     */
    void accept(Batch batch, Tensor output, BrokenFiles soFar);
  }

  /** More images at once make neither kind of device faster. */
  private static final int ON_CPU = 32;

  private static final int ON_GPU = 128;

  private final List<Double> mean;
  private final List<Double> std;
  private final int batchSize;
  private int side;
  private double crop;
  private Device device;
  private DType precision = DType.FLOAT32;
  private int workers = Runtime.getRuntime().availableProcessors();
  private double maxBroken = LoaderSettings.DEFAULT_MAX_BROKEN_FRACTION;

  private Inference(ModelMetadata model, Device device) {
    this.mean = model.mean();
    this.std = model.std();
    this.batchSize = device.isCuda() ? ON_GPU : ON_CPU;
    this.side = model.imageSize();
    this.crop = model.evaluationCrop();
    this.device = device;
  }

  /** As a model's file says that it was measured, in float32, a worker per processor. */
  public static Inference of(ModelMetadata model, Device device) {
    return new Inference(model, device);
  }

  private Inference with(Consumer<Inference> change) {
    try {
      Inference copy = (Inference) clone();
      change.accept(copy);
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Side in pixels that images are brought to. */
  public Inference withSide(int value) {
    return with(i -> i.side = value);
  }

  /** Share of the shorter side that the centre crop keeps, above 0 and at most 1. */
  public Inference withCrop(double value) {
    return with(i -> i.crop = value);
  }

  public Inference withDevice(Device value) {
    return with(i -> i.device = value);
  }

  /** Type of the forward pass. */
  public Inference withPrecision(DType value) {
    return with(i -> i.precision = value);
  }

  /** Threads that read images. */
  public Inference withWorkers(int value) {
    return with(i -> i.workers = value);
  }

  /** Share of the images that may be unreadable, 0 to 1. */
  public Inference withMaxBroken(double value) {
    return with(i -> i.maxBroken = value);
  }

  /** Side in pixels of the images that the network sees. */
  public int side() {
    return side;
  }

  /** Share of the shorter side that the centre crop keeps. */
  public double crop() {
    return crop;
  }

  /** Images at once. */
  public int batchSize() {
    return batchSize;
  }

  public Device device() {
    return device;
  }

  /** Type of the forward pass. */
  public DType precision() {
    return precision;
  }

  /** The centre crop of an image, as bytes. */
  public SampleTransform transform() {
    return SampleTransforms.evaluation(AugmentationSpec.none(side).withEvaluationCrop(crop));
  }

  /**
   * Shows this rank's part of some images.
   *
   * @param transform what workers do, usually {@link #transform}
   * @param ranks of which each takes its part
   * @param forward the network, or a part of it: (N, 3, S, S) normalised images to (N, ...);
   *     parameters that record gradients would make it slow
   * @param each told each batch
   * @param progress told how many images of this rank are done
   * @return the images that could not be used
   * @throws org.efficienttrain.images.ImageException if they are too many
   */
  public BrokenFiles run(
      ImageDataset images,
      SampleTransform transform,
      Collective ranks,
      UnaryOperator<Tensor> forward,
      Each each,
      Progress progress) {
    LoaderSettings settings =
        LoaderSettings.forEvaluation()
            .withWorkers(workers)
            .withMaxBrokenFraction(maxBroken)
            .withRank(ranks.rank(), ranks.worldSize());
    BatchShape shape = new BatchShape(batchSize, new SampleExposure(side, 0));
    long total = (images.size() + (long) ranks.worldSize() - 1 - ranks.rank()) / ranks.worldSize();
    long done = 0;
    try (Normaliser normaliser = new Normaliser(numbers(mean), numbers(std), device);
        BatchLoader loader = new BatchLoader(images, transform, settings);
        BatchStream batches = loader.stream(shape)) {
      for (Batch next = batches.next(); next != null; next = batches.next()) {
        try (Batch batch = next;
            Scope scope = Scope.open()) {
          Tensor prepared = normaliser.apply(batch.pixels(), batch.count(), batch.side());
          each.accept(batch, forward(forward, prepared.channelsLast()), loader.brokenFiles());
          done += batch.count();
          progress.update("images", done + loader.brokenFiles().count(), total);
        }
      }
      return loader.brokenFiles();
    }
  }

  private Tensor forward(UnaryOperator<Tensor> network, Tensor images) {
    try (Autocast autocast = Autocast.open(device, precision)) {
      return network.apply(images).to(DType.FLOAT32);
    }
  }

  private static double[] numbers(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
