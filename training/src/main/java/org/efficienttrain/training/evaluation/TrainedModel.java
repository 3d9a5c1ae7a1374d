package org.efficienttrain.training.evaluation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.MaeVariant;
import org.efficienttrain.models.PretrainedWeights;
import org.efficienttrain.models.Variant;
import org.efficienttrain.tensor.io.WeightFile;
import org.efficienttrain.tensor.io.Weights;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.batch.Normalisation;
import org.efficienttrain.training.task.ModelMetadata;

/**
 * A network with trained weights and with what its file says about the images that it takes. It is
 * in evaluation mode and records no gradient of its parameters.
 */
public final class TrainedModel implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Share of the shorter side that the centre crop keeps, where the file does not say. */
  private static final double USUAL_CROP = 0.875;

  /** Files that a folder of a run or of a checkpoint may hold, best first. */
  private static final List<String> IN_FOLDERS =
      List.of("model.safetensors", "averaged.safetensors", "weights.safetensors");

  /**
   * What is to be known besides the file.
   *
   * @param model name of the backbone, or null for what the file says or looks like
   * @param classes names of the classes in the order of the outputs, or null for the file's
   * @param imageSize side in pixels at which tables of positions are built for a file that does not
   *     say, or null for that of the paper
   * @param headless whether weights without a classifier will do: only features are wanted
   */
  public record Wanted(String model, List<String> classes, Integer imageSize, boolean headless) {
    /** What the file says. */
    public static Wanted any() {
      return new Wanted(null, null, null, false);
    }
  }

  private final Path file;
  private final Backbone network;
  private final ModelMetadata description;
  private final boolean namedClasses;
  private final boolean hasHead;
  private final Map<String, String> metadata;
  private final List<String> notes;

  private TrainedModel(
      WeightFile file,
      Backbone network,
      ModelMetadata description,
      boolean namedClasses,
      boolean hasHead,
      List<String> notes) {
    this.file = file.path();
    this.network = network;
    this.description = description;
    this.namedClasses = namedClasses;
    this.hasHead = hasHead;
    this.metadata = file.metadata();
    this.notes = notes;
  }

  /**
   * Loads weights.
   *
   * @param source folder of a run or of a checkpoint, or a weight file of ours, timm's or an
   *     official one
   * @throws UserError if the folder holds no weights, the file looks like no model or has no
   *     classifier, or the names do not fit its outputs
   * @throws org.efficienttrain.tensor.TensorException if the file cannot be read, or is not of the
   *     model asked for
   */
  public static TrainedModel open(Path source, Wanted wanted) {
    try (WeightFile file = WeightFile.open(weightFile(source))) {
      ModelMetadata own = ModelMetadata.read(file.metadata());
      Variant variant = Backbones.variant(modelName(file, own, wanted));
      int outputs = outputs(file, variant);
      boolean hasHead = outputs > 0;
      if (!hasHead && !wanted.headless()) {
        throw new UserError(
            "%s has no classifier of %s: give trained weights, or the right --model"
                .formatted(file.path(), variant.name()));
      }
      ModelMetadata description = describe(file, own, variant, wanted, outputs);
      boolean named = wanted.classes() != null || own != null;
      Backbone network = variant.options(Math.max(1, outputs), description.imageSize()).build();
      try {
        List<String> notes = PretrainedWeights.load(network, file, !hasHead);
        network.eval();
        network.namedParameters().values().forEach(p -> p.requiresGrad_(false));
        return new TrainedModel(file, network, description, named, hasHead, notes);
      } catch (RuntimeException e) {
        network.close();
        throw e;
      }
    }
  }

  /**
   * The weight file that a folder stands for; a file stands for itself.
   *
   * @throws UserError if the folder holds none
   */
  public static Path weightFile(Path source) {
    if (!Files.isDirectory(source)) {
      return source;
    }
    for (String name : IN_FOLDERS) {
      if (Files.exists(source.resolve(name))) {
        return source.resolve(name);
      }
    }
    throw new UserError(
        "the folder %s holds none of %s: give the folder of a finished run, or a weight file"
            .formatted(source, String.join(", ", IN_FOLDERS)));
  }

  /** Of a masked autoencoder of which features are wanted, the backbone of its encoder. */
  private static String modelName(WeightFile file, ModelMetadata own, Wanted wanted) {
    String name =
        wanted.model() != null
            ? wanted.model()
            : own != null
                ? own.model()
                : PretrainedWeights.looksLike(Weights.shapes(file))
                    .orElseThrow(
                        () ->
                            new UserError(
                                "%s looks like no model known here: name it with --model"
                                    .formatted(file.path())));
    return wanted.headless()
        ? MaeVariant.find(name).flatMap(MaeVariant::backbone).orElse(name)
        : name;
  }

  /** Rows of the classifier in the file, under whichever name it has there; 0 without one. */
  private static int outputs(WeightFile file, Variant variant) {
    Map<String, List<Long>> shapes = Weights.shapes(file);
    Backbone any = variant.options(1, variant.imageSize()).buildShapes();
    try {
      for (String name : any.headNames()) {
        for (String key : List.of(name, any.timmName(name))) {
          if (shapes.containsKey(key) && !shapes.get(key).isEmpty()) {
            return Math.toIntExact(shapes.get(key).get(0));
          }
        }
      }
      return 0;
    } finally {
      any.close();
    }
  }

  private static ModelMetadata describe(
      WeightFile file, ModelMetadata own, Variant variant, Wanted wanted, int outputs) {
    List<String> classes =
        wanted.classes() != null
            ? wanted.classes()
            : own != null
                ? own.classes()
                : IntStream.range(0, outputs).mapToObj(String::valueOf).toList();
    if (classes.size() != outputs && outputs > 0) {
      throw new UserError(
          "%s has %d outputs, but there are %d names of classes: give as many with --classes"
              .formatted(file.path(), outputs, classes.size()));
    }
    if (own == null) {
      int size = wanted.imageSize() == null ? variant.imageSize() : wanted.imageSize();
      return new ModelMetadata(
          variant.name(),
          classes,
          size,
          USUAL_CROP,
          boxed(Normalisation.mean()),
          boxed(Normalisation.std()),
          "");
    }
    if (own.mean().size() != 3
        || own.std().size() != 3
        || own.std().stream().anyMatch(s -> !(s > 0))) {
      throw new UserError(
          "%s says that its colours have mean %s and deviation %s: train again"
              .formatted(file.path(), own.mean(), own.std()));
    }
    return new ModelMetadata(
        variant.name(),
        classes,
        own.imageSize(),
        own.evaluationCrop(),
        own.mean(),
        own.std(),
        own.recipe());
  }

  private static List<Double> boxed(double[] values) {
    return java.util.Arrays.stream(values).boxed().collect(Collectors.toUnmodifiableList());
  }

  /** The weight file. */
  public Path file() {
    return file;
  }

  /** The network, in evaluation mode. */
  public Backbone network() {
    return network;
  }

  /** Model, classes and images, whether the file said them or the field's habit. */
  public ModelMetadata description() {
    return description;
  }

  /** Names of the classes in the order of the outputs: numbers where nobody named them. */
  public List<String> classes() {
    return description.classes();
  }

  /** Whether the classes have names and not only numbers. */
  public boolean namedClasses() {
    return namedClasses;
  }

  /** Whether the file has a classifier; without one only features make sense. */
  public boolean hasHead() {
    return hasHead;
  }

  /** The metadata of the file as it is. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** What was done besides copying, a line each. */
  public List<String> notes() {
    return notes;
  }

  /** Every key of the recipe that it was trained with; empty where the file does not say. */
  public Map<String, Object> recipe() {
    if (description.recipe().isEmpty()) {
      return Map.of();
    }
    try {
      return JSON.readValue(description.recipe(), new TypeReference<Map<String, Object>>() {});
    } catch (JsonProcessingException e) {
      throw new UserError("the weight file's description of its recipe is damaged: train again", e);
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
