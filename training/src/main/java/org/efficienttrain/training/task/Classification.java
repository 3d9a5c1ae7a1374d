package org.efficienttrain.training.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.augment.BatchMix;
import org.efficienttrain.images.augment.BatchMix.Mixture;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.BackboneOptions;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.Network;
import org.efficienttrain.tensor.Autocast;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.batch.Augmentations;
import org.efficienttrain.training.batch.BatchPreparation;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.task.Metrics.Metric;

/** Telling the classes of images apart: what the papers' backbones are trained for. */
public class Classification implements Task {
  /** Right first guesses, labels among the first five guesses, and the sum of losses. */
  private static final int COUNTS = 3;

  private final Recipe recipe;
  private final List<String> classes;
  private final Device device;
  private final BackboneOptions options;
  private final Backbone network;
  private final BatchMix mixing;
  private final Map<String, Tensor> trained;

  /** Builds the network that the recipe names, with its head for these classes. */
  public Classification(Setting setting) {
    recipe = setting.recipe();
    classes = setting.classes();
    device = setting.device();
    if (classes.size() < 2) {
      throw new UserError(
          "the dataset has %d class%s, but telling images apart needs at least 2: add a folder per class, or learn without labels with ./et pretrain"
              .formatted(classes.size(), classes.size() == 1 ? "" : "es"));
    }
    options =
        Backbones.options(recipe.model(), classes.size(), recipe.imageSize())
            .withDropPath(recipe.dropPath())
            .withHeadDropout(recipe.headDropout());
    network = options.build();
    network.scaleHead(recipe.headInitScale());
    if (setting.weights() != null) {
      StartingWeights.load(network, setting);
    }
    network.to(device);
    if (recipe.channelsLast()) {
      network.channelsLast();
    }
    mixing = Augmentations.mixing(recipe);
    trained = Learning.of(recipe.trained(), network);
  }

  /** Where the network lives. */
  protected final Device device() {
    return device;
  }

  @Override
  public final Backbone network() {
    return network;
  }

  @Override
  public final Map<String, Tensor> trained() {
    return trained;
  }

  @Override
  public Backbone copy() {
    Backbone copy = options.build();
    copy.to(device);
    return copy;
  }

  @Override
  public Tensor loss(Tensor images, int[] labels, RandomSource random) {
    beginLearning();
    Mixture mixture = mixture(images, random);
    Tensor mixed = BatchPreparation.mix(images, mixture);
    Tensor input = recipe.channelsLast() ? mixed.channelsLast() : mixed.contiguous();
    Tensor logits = logits(network, input, recipe.precision().type());
    return Objective.of(logits, labels, mixture, recipe.labelSmoothing());
  }

  private Mixture mixture(Tensor images, RandomSource random) {
    return mixing.sample((int) images.size(0), (int) images.size(3), (int) images.size(2), random);
  }

  @Override
  public Tensor shown(Tensor images, RandomSource random) {
    return BatchPreparation.mix(images, mixture(images, random));
  }

  /** Puts the network into the mode in which it learns. */
  protected void beginLearning() {
    network.train();
  }

  /**
   * The network's pass in a precision.
   *
   * @param images (N, 3, B, B)
   * @return (N, classes) in float32
   */
  protected Tensor logits(Backbone of, Tensor images, DType precision) {
    try (Autocast autocast = Autocast.open(device, precision)) {
      return of.forward(images).to(DType.FLOAT32);
    }
  }

  @Override
  public Optional<List<Metrics>> evaluate(
      List<? extends Network> weights, ImageDataset images, Evaluation how) {
    weights.forEach(Network::eval);
    return how.sums(
            images,
            COUNTS * weights.size(),
            (batch, labels) -> {
              double[] counts = new double[COUNTS * weights.size()];
              for (int i = 0; i < weights.size(); i++) {
                Tensor logits = logits((Backbone) weights.get(i), batch, how.place().precision());
                System.arraycopy(count(logits, labels), 0, counts, COUNTS * i, COUNTS);
              }
              return counts;
            })
        .map(sums -> metrics(sums, weights.size()));
  }

  private double[] count(Tensor logits, int[] labels) {
    Tensor targets = BatchPreparation.labels(labels, 0, labels.length, device);
    double loss = Functional.crossEntropy(logits, targets, 0).item() * labels.length;
    long guesses = Math.min(5, logits.size(1));
    Tensor hits = logits.topkIndices(guesses, 1).eq(targets.unsqueeze(1)).to(DType.INT64);
    return new double[] {hits.select(1, 0).sum().item(), hits.sum().item(), loss};
  }

  private static List<Metrics> metrics(double[] sums, int networks) {
    List<Metrics> out = new ArrayList<>();
    double images = sums[0];
    for (int i = 0; i < networks; i++) {
      int at = 1 + COUNTS * i;
      out.add(
          new Metrics(
              (long) images,
              List.of(
                  Metric.rising("accuracy", sums[at] / images),
                  Metric.rising("top5Accuracy", sums[at + 1] / images),
                  Metric.falling("loss", sums[at + 2] / images))));
    }
    return out;
  }

  @Override
  public Map<String, String> metadata() {
    return ModelMetadata.of(recipe, classes).toMap();
  }

  @Override
  public void close() {
    network.close();
  }
}
