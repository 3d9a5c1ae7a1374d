package org.efficienttrain.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Precision;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.evaluation.Inference;
import org.efficienttrain.training.evaluation.TrainedModel;
import picocli.CommandLine.Option;

/** The options of a command that uses trained weights: what they are, and how they look. */
final class ModelOptions {
  /** No list of classes is larger. */
  private static final long LARGEST_LIST = 64 << 20;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "for files that do not say what they are: the model")
  private String model;

  @Option(
      names = "--classes",
      paramLabel = "FILE",
      description = "names of the classes, a line each, in the order of the outputs")
  private Path classes;

  @Option(
      names = "--image-size",
      paramLabel = "N",
      description = "side of the images in pixels (default: as trained)")
  private Integer imageSize;

  @Option(
      names = "--crop",
      paramLabel = "X",
      description = "share of the shorter side that the centre crop keeps (default: as trained)")
  private Double crop;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      description = "fp32, bf16 or fp16 (default: as trained, where the device is fast in it)")
  private Precision precision;

  @Option(names = "--workers", paramLabel = "N", description = "image workers (default: threads)")
  private Integer workers;

  /** What is to be known of weights besides their file. */
  TrainedModel.Wanted wanted(boolean headless) {
    List<String> named = classes == null ? null : names(classes);
    return new TrainedModel.Wanted(model, named, imageSize, headless);
  }

  /** Names of classes, a line each; empty lines are overlooked. */
  static List<String> names(Path classes) {
    try {
      if (Files.size(classes) > LARGEST_LIST) {
        throw new UserError(classes + " is too large for a list of classes");
      }
      return Files.readAllLines(classes).stream()
          .map(String::strip)
          .filter(s -> !s.isEmpty())
          .toList();
    } catch (IOException e) {
      throw new UserError(
          "cannot read the classes in %s: it is no text file, or not there".formatted(classes), e);
    }
  }

  /** How images are shown to a model: as it was trained, where no option says otherwise. */
  Inference inference(TrainedModel trained, MachineOptions machine) {
    checkRanges();
    Device device = machine.device();
    Inference how =
        Inference.of(trained.description(), device).withPrecision(type(trained, device));
    if (imageSize != null) {
      how = how.withSide(checked(trained, imageSize));
    }
    if (crop != null) {
      how = how.withCrop(crop);
    }
    Integer threads = workers != null ? workers : machine.threads();
    return threads == null ? how : how.withWorkers(threads);
  }

  /** A side that the model accepts. */
  static int checked(TrainedModel trained, int side) {
    String name = trained.network().name();
    trained.network().options().variant().sizes().check(name, side);
    return side;
  }

  private void checkRanges() {
    if (crop != null && !(crop > 0 && crop <= 1)) {
      throw new UserError("--crop must be above 0 and at most 1, not " + crop);
    }
    if (workers != null && (workers < 1 || workers > 1024)) {
      throw new UserError("--workers must be 1 to 1024, not " + workers);
    }
  }

  /** The precision of training, but for one that this device would only imitate. */
  private DType type(TrainedModel trained, Device device) {
    if (precision != null) {
      return precision.on(device).type();
    }
    Object key = trained.recipe().get("precision");
    for (Precision known : Precision.values()) {
      if (known != Precision.AUTO && known.name().equalsIgnoreCase(String.valueOf(key))) {
        boolean fast = device.isCuda() || known == Precision.AUTO.on(device);
        return fast ? known.type() : DType.FLOAT32;
      }
    }
    return DType.FLOAT32;
  }
}
