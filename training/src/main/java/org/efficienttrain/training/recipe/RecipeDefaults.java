package org.efficienttrain.training.recipe;

import java.util.Optional;
import org.efficienttrain.curriculum.Clock;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.images.augment.LowFrequency;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.ImageSizes;
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

  /** What stands on the keys themselves. */
  static final RecipeSettings CONSTANTS =
      RecipeSettings.none()
          .set(
              Keys.COMPONENTS.values().stream()
                  .filter(c -> !c.getAnnotation(Key.class).byDefault().isEmpty())
                  .map(c -> c.getName() + "=" + c.getAnnotation(Key.class).byDefault())
                  .toList());

  private RecipeDefaults() {}

  /**
   * The whole recipe.
   *
   * @param images size of the training set
   */
  static Recipe complete(RecipeSettings chosen, int images) {
    String model = model(chosen);
    Optional<MaeVariant> masked = MaeVariant.find(model);
    // Nothing of a backbone is left to be asked where it is a masked autoencoder.
    Variant variant =
        masked.isPresent() ? Backbones.variants().iterator().next() : Backbones.variant(model);
    RecipeSettings settings =
        masked.map(mae -> MaskedDefaults.fill(chosen, mae, images)).orElse(chosen);
    return Keys.toRecipe(fill(CONSTANTS.with(settings), variant, images).values());
  }

  /** The model, which has no default. */
  static String model(RecipeSettings chosen) {
    if (chosen.get("model") == null) {
      throw new UserError(
          "the recipe names no model: choose one with --model; './et models' lists them");
    }
    return (String) chosen.get("model");
  }

  private static RecipeSettings fill(RecipeSettings chosen, Variant variant, int images) {
    RecipeSettings s = chosen.orElse("imageSize", variant.imageSize());
    int size = (int) s.get("imageSize");
    boolean small = size <= SMALL;
    s = s.orElse("batchSize", batchSize(small ? 128 : 64, images));
    s = s.orElse("optimizer", variant.usual().sgd() ? Rule.SGD : Rule.ADAMW);
    int batch = (int) s.get("batchSize");
    Rule rule = (Rule) s.get("optimizer");
    boolean sgd = rule == Rule.SGD;
    s = s.orElse("learningRate", learningRate(rule, batch));
    double peak = (double) s.get("learningRate");
    double epochs = (double) s.get("epochs");
    boolean isLong = epochs >= LONG;
    boolean strong = isLong && !small;
    boolean plusPlus = Curricula.of((String) s.get("curriculum")).clock() == Clock.COMPUTE;
    boolean share = (double) s.get("warmupShare") > 0;
    s = s.orElse("trainingCrop", small ? TrainingCrop.PADDED : TrainingCrop.RESIZED);
    s = s.orElse("crop", lowFrequency(s, plusPlus));

    return s.orElse("baselineEpochs", epochs)
        .orElse("bandwidthMultiple", bandwidthMultiple(variant.sizes(), size))
        .orElse("microBatch", batch)
        .orElse("minLearningRate", Math.min(peak, sgd ? 0 : 1e-6))
        .orElse("warmupEpochs", share ? 0 : Math.min(20, 0.1 * epochs))
        .orElse("epsilon", rule == Rule.LAMB ? 1e-6 : 1e-8)
        .orElse("weightDecay", !sgd ? 0.05 : small ? 5e-4 : 1e-4)
        .orElse("clipNorm", rule == Rule.ADAMW ? 5 : 0)
        .orElse("labelSmoothing", small ? 0 : 0.1)
        .orElse("dropPath", isLong ? dropPath(variant, plusPlus, epochs) : 0)
        .orElse("headDropout", variant.headDropout())
        .orElse("mixup", strong ? 0.8 : 0)
        .orElse("cutmix", strong ? 1 : 0)
        .orElse("erasing", strong ? 0.25 : 0)
        .orElse("eraseAfterCrop", plusPlus || s.get("crop") != LowFrequency.FOURIER)
        .orElse("minCropArea", isLong ? 0.08 : 0.25)
        .orElse("randAugment", (isLong || !small) && !(boolean) s.get("threeAugment"))
        .orElse("evaluationCrop", small ? 1 : 0.875);
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
   * An eighth of the side or so, as the model takes it. A network that takes any side, such as
   * ResNet, rounds up on its way down what its stride does not divide; multiples of half the stride
   * are rounded in the last map alone. They are taken where the side leaves six of them.
   */
  private static int bandwidthMultiple(ImageSizes sizes, int size) {
    int multiple = Math.max(sizes.multiple(), Curricula.defaultMultiple(size));
    int half = Math.max(1, sizes.smallest() / 2); // any side is taken from the stride on
    boolean fits = sizes.multiple() == 1 && size % half == 0 && size >= 6 * half;
    return fits ? Math.max(multiple, half) : multiple;
  }

  /**
   * EfficientTrain (ICCV 2023) crops the spectrum; in EfficientTrain++ the workers resize to B,
   * which ours do in one pass where they can. A padded crop is made at S in any case, and what is
   * to be erased before the crop too.
   */
  private static LowFrequency lowFrequency(RecipeSettings s, boolean plusPlus) {
    boolean atFullSize =
        s.get("trainingCrop") == TrainingCrop.PADDED
            || Boolean.FALSE.equals(s.get("eraseAfterCrop"));
    return plusPlus && !atFullSize ? LowFrequency.DCT : LowFrequency.FOURIER;
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
}
