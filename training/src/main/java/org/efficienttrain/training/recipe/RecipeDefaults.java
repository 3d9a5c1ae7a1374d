package org.efficienttrain.training.recipe;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.efficienttrain.curriculum.Clock;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.Mae;
import org.efficienttrain.models.MaeVariant;
import org.efficienttrain.models.Variant;
import org.efficienttrain.training.UserError;

/**
 * What a recipe does not say follows from what it says: the model's family decides the optimiser,
 * the size of the images the augmentation, the length of the run its strength.
 */
final class RecipeDefaults {
  /** Images up to this side are called small: augmented by a padded crop, not a resized one. */
  private static final int SMALL = 64;

  /** Passes over the data from which the strong augmentation of the papers pays. */
  private static final double LONG = 50;

  private final Map<String, Object> values;

  private RecipeDefaults(Map<String, Object> chosen) {
    this.values = new LinkedHashMap<>(chosen);
  }

  static Recipe complete(Map<String, Object> chosen, int trainingImages) {
    if (!chosen.containsKey("model")) {
      throw new UserError(
          "the recipe names no model: choose one with --model; './et models' lists them");
    }
    RecipeDefaults defaults = new RecipeDefaults(chosen);
    defaults.fill(trainingImages);
    return RecipeBinding.toRecipe(defaults.values);
  }

  private void fill(int trainingImages) {
    String model = (String) values.get("model");
    MaeVariant masked = MaeVariant.find(model).orElse(null);
    if (masked != null) {
      MaskedDefaults.fill(values, masked, trainingImages);
    }
    Variant variant = Backbones.variant(masked == null ? model : "deit_tiny");
    boolean sgd = variant.family().equals("ResNet");
    int size = integer("imageSize", variant::imageSize);
    boolean small = size <= SMALL;
    double epochs = number("epochs", () -> 10.0);
    boolean isLong = epochs >= LONG;

    text("curriculum", () -> "none");
    boolean plusPlus = Curricula.of((String) values.get("curriculum")).clock() == Clock.COMPUTE;
    number("baselineEpochs", () -> epochs);
    put("curriculumScaling", () -> Recipe.Scaling.PROPORTIONAL);
    integer(
        "bandwidthMultiple",
        () -> Math.max(variant.sizes().multiple(), Curricula.defaultMultiple(size)));
    put("crop", () -> Recipe.Crop.FOURIER);

    int batch = integer("batchSize", () -> batchSize(small ? 128 : 64, trainingImages));
    integer("microBatch", () -> batch);
    integer("earlyLargeBatch", () -> 1);
    put("optimizer", () -> sgd ? Recipe.Rule.SGD : Recipe.Rule.ADAMW);
    Recipe.Rule rule = (Recipe.Rule) values.get("optimizer");
    number("learningRate", () -> learningRate(rule, batch));
    double peak = (double) values.get("learningRate");
    number("minLearningRate", () -> Math.min(peak, rule == Recipe.Rule.SGD ? 0 : 1e-6));
    double share = number("warmupShare", () -> 0.0);
    number("warmupEpochs", () -> share > 0 ? 0 : Math.min(20, 0.1 * epochs));
    number("momentum", () -> 0.9);
    number("beta2", () -> 0.999);
    number("epsilon", () -> rule == Recipe.Rule.LAMB ? 1e-6 : 1e-8);
    number("weightDecay", () -> rule == Recipe.Rule.SGD ? (small ? 5e-4 : 1e-4) : 0.05);
    number("layerDecay", () -> 1.0);
    number("clipNorm", () -> rule == Recipe.Rule.ADAMW ? 5.0 : 0);
    number("emaDecay", () -> 0.0);

    number("labelSmoothing", () -> small ? 0.0 : 0.1);
    number("dropPath", () -> isLong ? variant.dropPath() : 0);
    number("headDropout", variant::headDropout);
    number("mixup", () -> isLong && !small ? 0.8 : 0);
    number("cutmix", () -> isLong && !small ? 1.0 : 0);
    number("erasing", () -> isLong && !small ? 0.25 : 0);
    put("augmentAtBandwidth", () -> false);
    put("eraseAfterCrop", () -> plusPlus || values.get("crop") != Recipe.Crop.FOURIER);
    put("trainingCrop", () -> small ? Recipe.TrainingCrop.PADDED : Recipe.TrainingCrop.RESIZED);
    number("minCropArea", () -> isLong ? 0.08 : 0.25);
    put("flip", () -> true);
    put("threeAugment", () -> false);
    put("randAugment", () -> (isLong || !small) && !(boolean) values.get("threeAugment"));
    number("colorJitter", () -> 0.0);
    integer("repeats", () -> 1);
    integer("replayTimes", () -> 1);
    integer("replayImages", () -> 0);

    number("evaluationCrop", () -> small ? 1.0 : 0.875);
    number("evaluateEvery", () -> 1.0);
    put("trained", () -> Recipe.Trained.ALL);
    put("target", () -> Mae.Target.PIXELS);
    number("maskRatio", () -> Mae.MASK_RATIO);
    put("syncBatchNorm", () -> false);
    put("precision", Bfloat16::precision);
    put("channelsLast", () -> true);
    integer("maxSkippedSteps", () -> 20);
    put("seed", () -> 0L);
  }

  /** The usual size, halved until an epoch has at least eight steps. */
  static int batchSize(int usual, int images) {
    int batch = usual;
    while (batch > 1 && images < 8L * batch) {
      batch /= 2;
    }
    return batch;
  }

  /**
   * The usual rate of each rule, grown with the batch: in proportion for SGD (Goyal et al. 2017),
   * with its root for the adaptive rules. The papers' 4e-3 at batch 4096 is 7e-4 at 128.
   */
  private static double learningRate(Recipe.Rule rule, int batch) {
    double ratio = batch / 128.0;
    return switch (rule) {
      case SGD -> 0.1 * ratio;
      case ADAMW -> 1e-3 * Math.sqrt(ratio);
      case LAMB -> 2e-3 * Math.sqrt(ratio);
      case LARS -> 0.05 * ratio;
    };
  }

  private void put(String key, Supplier<Object> value) {
    if (!values.containsKey(key)) {
      values.put(key, value.get());
    }
  }

  private void text(String key, Supplier<String> value) {
    put(key, value::get);
  }

  private double number(String key, Supplier<Number> value) {
    put(key, () -> value.get().doubleValue());
    return (double) values.get(key);
  }

  private int integer(String key, Supplier<Integer> value) {
    put(key, value::get);
    return (int) values.get(key);
  }
}
