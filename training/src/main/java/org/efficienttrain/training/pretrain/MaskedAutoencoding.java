package org.efficienttrain.training.pretrain;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import javax.imageio.ImageIO;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.models.GoldenFill;
import org.efficienttrain.models.Mae;
import org.efficienttrain.models.MaeVariant;
import org.efficienttrain.models.Network;
import org.efficienttrain.models.PretrainedWeights;
import org.efficienttrain.tensor.Autocast;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.pretrain.ReconstructionPicture.Example;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.task.Evaluation;
import org.efficienttrain.training.task.Metrics;
import org.efficienttrain.training.task.Metrics.Metric;
import org.efficienttrain.training.task.ModelMetadata;
import org.efficienttrain.training.task.Task;

/**
 * Learning without labels: most patches of an image are hidden and have to be predicted (He et al.,
 * CVPR 2022), as pixels or as histograms of gradients. The curriculum is the bandwidth alone:
 * masked autoencoders have no augmentation that could grow.
 */
public final class MaskedAutoencoding implements Task {
  /** Images in the picture of what comes back. */
  private static final int SHOWN = 8;

  /**
   * What is looked at besides the loss.
   *
   * @param picture file that every evaluation draws what comes back to; null for none
   * @param labelled images with labels whose neighbours tell how good the features are; null for
   *     none
   */
  public record Watch(Path picture, ImageDataset labelled) {
    /** The loss alone. */
    public static final Watch NOTHING = new Watch(null, null);
  }

  private final Recipe recipe;
  private final Setting setting;
  private final Device device;
  private final Mae.Target target;
  private final MaeVariant variant;
  private final Mae network;
  private final Watch watch;

  private MaskedAutoencoding(Setting setting, Watch watch) {
    this.setting = setting;
    this.watch = watch;
    recipe = setting.recipe();
    device = setting.device();
    target = recipe.target();
    variant =
        MaeVariant.find(recipe.model())
            .orElseThrow(
                () ->
                    new UserError(
                        "%s is no masked autoencoder: choose a model mae_..., which './et models' lists"
                            .formatted(recipe.model())));
    network = variant.build(recipe.imageSize(), target);
    if (setting.weights() != null) {
      PretrainedWeights.load(network, setting.weights())
          .forEach(line -> setting.notes().accept(setting.weights() + ": " + line));
    }
    network.to(device);
  }

  /** Makes the task, and lets it show what it learns. */
  public static Factory watched(Watch watch) {
    return setting -> new MaskedAutoencoding(setting, watch);
  }

  @Override
  public Mae network() {
    return network;
  }

  @Override
  public Mae copy() {
    Mae copy = variant.build(recipe.imageSize(), target);
    copy.to(device);
    return copy;
  }

  @Override
  public Tensor loss(Tensor images, int[] labels, RandomSource random) {
    network.train();
    try (Autocast autocast = Autocast.open(device, recipe.precision().type())) {
      return network.forward(images.contiguous(), recipe.maskRatio()).loss();
    }
  }

  /**
   * The loss with the same patches of every image hidden, whatever the run; and where there are
   * labels, how many neighbours' votes are right.
   */
  @Override
  public Optional<List<Metrics>> evaluate(
      List<? extends Network> weights, ImageDataset images, Evaluation how) {
    weights.forEach(Network::eval);
    List<Neighbours> neighbours = new ArrayList<>();
    try {
      if (watch.labelled != null) {
        for (Network each : weights) {
          neighbours.add(Neighbours.of((Mae) each, watch.labelled, how));
        }
      }
      Shown shown = new Shown(images.size() / how.place().ranks().worldSize());
      boolean drawing = watch.picture != null && how.place().ranks().isFirst();
      Optional<double[]> sums =
          how.sums(
              images,
              2 * weights.size(),
              (batch, labels) -> {
                double[] some = new double[2 * weights.size()];
                for (int i = 0; i < weights.size(); i++) {
                  Mae of = (Mae) weights.get(i);
                  Mae.Output output = reconstruct(of, batch, how.place().precision());
                  some[2 * i] = output.loss().item() * labels.length;
                  if (!neighbours.isEmpty()) {
                    some[2 * i + 1] = neighbours.get(i).hits(of, batch, labels);
                  }
                  if (i == weights.size() - 1 && drawing) {
                    shown.take(labels.length, at -> example(of, batch, output, at));
                  }
                }
                return some;
              });
      if (!shown.examples.isEmpty()) {
        draw(shown.examples, how.bandwidth());
      }
      return sums.map(all -> metrics(all, weights.size(), !neighbours.isEmpty()));
    } finally {
      neighbours.forEach(Neighbours::close);
    }
  }

  private Mae.Output reconstruct(Mae of, Tensor images, DType precision) {
    int grid = (int) images.size(2) / variant.sizes().multiple();
    int patches = grid * grid;
    Tensor noise = Tensors.of(GoldenFill.uniform("evaluation", patches), 1, patches);
    try (Autocast autocast = Autocast.open(device, precision)) {
      return of.forward(images.contiguous(), recipe.maskRatio(), noise.expand(images.size(0), -1));
    }
  }

  private static List<Metrics> metrics(double[] sums, int networks, boolean neighbours) {
    List<Metrics> out = new ArrayList<>();
    for (int i = 0; i < networks; i++) {
      List<Metric> all = new ArrayList<>();
      all.add(Metric.falling("loss", sums[1 + 2 * i] / sums[0]));
      if (neighbours) {
        all.add(Metric.rising("knnAccuracy", sums[2 + 2 * i] / sums[0]));
      }
      out.add(new Metrics((long) sums[0], all));
    }
    return out;
  }

  /**
   * Images to be shown, at equal distances among those that pass: sets are often sorted by class.
   */
  private static final class Shown {
    private final List<Example> examples = new ArrayList<>();
    private final int distance;
    private int passed;

    Shown(int images) {
      this.distance = Math.max(1, images / SHOWN);
    }

    void take(int images, IntFunction<Example> example) {
      for (int i = 0; i < images; i++, passed++) {
        if (passed % distance == 0 && examples.size() < SHOWN) {
          examples.add(example.apply(i));
        }
      }
    }
  }

  /** What of one image of a batch was hidden, and what came back. */
  private Example example(Mae of, Tensor images, Mae.Output output, int at) {
    Tensor image = images.narrow(0, at, 1).contiguous();
    Tensor mask = output.mask().narrow(0, at, 1);
    Tensor prediction = output.prediction().narrow(0, at, 1).to(DType.FLOAT32);
    Tensor restored =
        target == Mae.Target.HOG
            ? Tensors.where(mask.unsqueeze(2).gt(0), prediction, of.targets(image))
            : of.picture(image, prediction);
    float[] values = mask.toFloats();
    boolean[] hidden = new boolean[values.length];
    for (int i = 0; i < hidden.length; i++) {
      hidden[i] = values[i] > 0;
    }
    return new Example(image.select(0, 0).toFloats(), hidden, restored.select(0, 0).toFloats());
  }

  private void draw(List<Example> rows, int side) {
    write(
        target == Mae.Target.HOG
            ? ReconstructionPicture.ofHistograms(rows, side, variant.hog())
            : ReconstructionPicture.ofPixels(rows, side, variant.sizes().multiple()));
  }

  /** A picture that cannot be written costs a note, not the run. */
  private void write(BufferedImage picture) {
    Path file = watch.picture;
    Path aside = file.resolveSibling(file.getFileName() + ".part");
    try {
      ImageIO.write(picture, "png", aside.toFile());
      Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      setting.notes().accept("the picture " + file + " cannot be written: " + e.getMessage());
    }
  }

  @Override
  public Map<String, String> metadata() {
    return ModelMetadata.of(recipe, List.of()).toMap();
  }

  @Override
  public void close() {
    network.close();
  }
}
