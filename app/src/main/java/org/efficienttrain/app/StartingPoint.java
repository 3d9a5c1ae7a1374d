package org.efficienttrain.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.efficienttrain.models.MaeVariant;
import org.efficienttrain.models.PretrainedWeights;
import org.efficienttrain.tensor.io.WeightFile;
import org.efficienttrain.tensor.io.Weights;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.evaluation.TrainedModel;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.task.ModelMetadata;

/**
 * Weights that a training starts from, and what is known about them: from the file itself, from the
 * recipe of the run that it lies in, or from its names and shapes.
 *
 * @param file the weight file
 * @param model name of the backbone or masked autoencoder that it is; empty where nothing tells
 * @param masked the masked autoencoder whose encoder it holds, without a head
 * @param imageSize side in pixels of the images it was trained on; empty where nothing tells
 * @param classes names of its classes; empty without a head, or where nothing tells
 */
record StartingPoint(
    Path file,
    Optional<String> model,
    Optional<MaeVariant> masked,
    Optional<Integer> imageSize,
    List<String> classes) {

  /** Steps from a checkpoint's weights up to the run's recipe. */
  private static final int FOLDERS_ABOVE = 3;

  /**
   * Looks at weights.
   *
   * @param from a run, a checkpoint or a weight file
   * @throws UserError if the folder holds no weights
   */
  static StartingPoint of(Path from) {
    Path file = TrainedModel.weightFile(from);
    try (WeightFile weights = WeightFile.open(file)) {
      ModelMetadata own = ModelMetadata.read(weights.metadata());
      Map<String, Object> recipe = new HashMap<>(recipeOf(file));
      if (own != null) {
        recipe.put("model", own.model());
        recipe.put("imageSize", own.imageSize());
      }
      Map<String, List<Long>> shapes = Weights.shapes(weights);
      Optional<String> model =
          Optional.ofNullable((String) recipe.get("model"))
              .or(() -> PretrainedWeights.looksLike(shapes));
      return new StartingPoint(
          file,
          model,
          model.flatMap(name -> masked(name, shapes)),
          Optional.ofNullable((Integer) recipe.get("imageSize")),
          own == null ? List.of() : own.classes());
    }
  }

  /** By its name, or as a backbone without a head, which is how encoders are published. */
  private static Optional<MaeVariant> masked(String name, Map<String, List<Long>> shapes) {
    boolean headless = shapes.keySet().stream().noneMatch(n -> n.startsWith("head."));
    return MaeVariant.find(name)
        .or(
            () ->
                MaeVariant.all().stream()
                    .filter(v -> headless && v.backbone().filter(name::equals).isPresent())
                    .findFirst());
  }

  private static Map<String, Object> recipeOf(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    for (int i = 0; i < FOLDERS_ABOVE && folder != null; i++, folder = folder.getParent()) {
      Path recipe = folder.resolve("recipe.yaml");
      if (Files.isRegularFile(recipe)) {
        return RecipeSettings.read(recipe).values();
      }
    }
    return Map.of();
  }

  /**
   * The backbone to build for it.
   *
   * @param asItIs whether the features are to be read as the encoder gives them, at its class
   *     token; a masked autoencoder is fine-tuned with another head
   * @throws UserError if nothing tells, or there is none of its shape
   */
  String backbone(boolean asItIs) {
    if (masked.isPresent()) {
      MaeVariant variant = masked.get();
      return (asItIs ? variant.backbone() : variant.pooled())
          .orElseThrow(
              () ->
                  new UserError(
                      "%s holds %s, and no backbone here has the shape of its encoder"
                          .formatted(file, variant.name())));
    }
    return model.orElseThrow(
        () ->
            new UserError(
                "%s looks like no model known here: name the backbone with --model"
                    .formatted(file)));
  }

  /** Whether the head cannot go on: there is none, or it tells other classes apart. */
  boolean needsNewHead(List<String> wanted) {
    return masked.isPresent() || !classes.equals(wanted);
  }
}
