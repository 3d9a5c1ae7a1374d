package org.efficienttrain.training.recipe;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.efficienttrain.curriculum.Clock;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.images.augment.LowFrequency;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.MaeVariant;
import org.efficienttrain.models.Variant;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.recipe.Recipe.Rule;
import org.efficienttrain.training.recipe.Recipe.TrainingCrop;

/**
 * What a recipe does not say follows from what it says: the model's family decides the optimiser,
 * the size of the images the augmentation, the length of the run its strength. Defaults that follow
 * from nothing stand on the keys of {@link Recipe}.
 */
final class RecipeDefaults {
  /** Images up to this side are called small: augmented by a padded crop, not a resized one. */
  static final int SMALL = 64;

  /** Passes over the data from which the strong augmentation of the papers pays. */
  private static final double LONG = 50;

  /** Equivalent epochs that the drop-path rates of EfficientTrain++ are for, and the most tried. */
  private static final double PLUS_PLUS_EPOCHS = 200;

  private static final double PLUS_PLUS_LONGEST = 300;

  private final Map<String, Object> values;
  private final int trainingImages;

  private RecipeDefaults(Map<String, Object> chosen, int trainingImages) {
    this.values = new LinkedHashMap<>(chosen);
    this.trainingImages = trainingImages;
  }

  /**
   * The whole recipe.
   *
   * @param trainingImages size of the training set
   */
  static Recipe complete(Map<String, Object> chosen, int trainingImages) {
    if (!chosen.containsKey("model")) {
      throw new UserError(
          "the recipe names no model: choose one with --model; './et models' lists them");
    }
    String model = (String) chosen.get("model");
    RecipeDefaults defaults = new RecipeDefaults(chosen, trainingImages);
    Optional<MaeVariant> masked = MaeVariant.find(model);
    masked.ifPresent(mae -> MaskedDefaults.fill(defaults, mae));
    Keys.constants().forEach(defaults::put);
    // Nothing of a backbone is left to be asked where it is a masked autoencoder.
    defaults.fill(
        masked.isPresent() ? Backbones.variants().iterator().next() : Backbones.variant(model));
    return Keys.toRecipe(defaults.values);
  }

  private void fill(Variant variant) {
    int size = whole("imageSize", variant.imageSize());
    boolean small = size <= SMALL;
    double epochs = number("epochs", 0);
    boolean isLong = epochs >= LONG;
    boolean strong = isLong && !small;
    boolean plusPlus = Curricula.of((String) values.get("curriculum")).clock() == Clock.COMPUTE;

    put("baselineEpochs", epochs);
    put("bandwidthMultiple", Math.max(variant.sizes().multiple(), Curricula.defaultMultiple(size)));

    int batch = whole("batchSize", batchSize(small ? 128 : 64));
    put("microBatch", batch);
    put("optimizer", variant.family().equals("ResNet") ? Rule.SGD : Rule.ADAMW);
    Rule rule = (Rule) values.get("optimizer");
    boolean sgd = rule == Rule.SGD;
    double peak = number("learningRate", learningRate(rule, batch));
    put("minLearningRate", Math.min(peak, sgd ? 0 : 1e-6));
    put("warmupEpochs", number("warmupShare", 0) > 0 ? 0 : Math.min(20, 0.1 * epochs));
    put("epsilon", rule == Rule.LAMB ? 1e-6 : 1e-8);
    put("weightDecay", !sgd ? 0.05 : small ? 5e-4 : 1e-4);
    put("clipNorm", rule == Rule.ADAMW ? 5.0 : 0);

    put("labelSmoothing", small ? 0.0 : 0.1);
    put("dropPath", isLong ? dropPath(variant, plusPlus, epochs) : 0);
    put("headDropout", variant.headDropout());
    put("mixup", strong ? 0.8 : 0);
    put("cutmix", strong ? 1.0 : 0);
    put("erasing", strong ? 0.25 : 0);
    put("eraseAfterCrop", plusPlus || !values.get("crop").equals(LowFrequency.FOURIER));
    put("trainingCrop", small ? TrainingCrop.PADDED : TrainingCrop.RESIZED);
    put("minCropArea", isLong ? 0.08 : 0.25);
    put("randAugment", (isLong || !small) && !(boolean) values.get("threeAugment"));
    put("evaluationCrop", small ? 1.0 : 0.875);
  }

  /** The usual size, halved until an epoch has at least eight steps. */
  int batchSize(int usual) {
    int batch = usual;
    while (batch > 1 && trainingImages < 8L * batch) {
      batch /= 2;
    }
    return batch;
  }

  /**
   * The usual rate of each rule, grown with the batch: in proportion for SGD (Goyal et al. 2017),
   * with its root for the adaptive rules. The papers' 4e-3 at batch 4096 is 7e-4 at 128.
   */
  private static double learningRate(Rule rule, int batch) {
    double ratio = batch / 128.0;
    return switch (rule) {
      case SGD -> 0.1 * ratio;
      case ADAMW -> 1e-3 * Math.sqrt(ratio);
      case LAMB -> 2e-3 * Math.sqrt(ratio);
      case LARS -> 0.05 * ratio;
    };
  }

  /**
   * The published rate of the model. The scripts of EfficientTrain++ have it grow with the budget:
   * half of it at 100 equivalent epochs, all at 200, one and a half at 300.
   */
  private static double dropPath(Variant variant, boolean plusPlus, double epochs) {
    double budget = Math.min(epochs, PLUS_PLUS_LONGEST) / PLUS_PLUS_EPOCHS;
    return variant.dropPath() * (plusPlus ? budget : 1);
  }

  /** Gives a key a value where it has none. */
  void put(String key, Object value) {
    values.putIfAbsent(key, value);
  }

  /** The same, and what the key has then. */
  double number(String key, double value) {
    put(key, value);
    return (double) values.get(key);
  }

  /** The same, and what the key has then. */
  int whole(String key, int value) {
    put(key, value);
    return (int) values.get(key);
  }
}
