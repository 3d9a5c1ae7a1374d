package org.efficienttrain.training.recipe;

import java.util.stream.Stream;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.models.MaeVariant;
import org.efficienttrain.training.recipe.Recipe.Rule;
import org.efficienttrain.training.recipe.Recipe.TrainingCrop;

/**
 * What a recipe of a masked autoencoder does not say: the settings of facebookresearch/mae ({@code
 * PRETRAIN.md}), for fewer images a batch and fewer epochs.
 */
final class MaskedDefaults {
  /** The official rate and the batch that it is for. */
  private static final double RATE = 2.4e-3;

  private static final double RATE_BATCH = 4096;

  private MaskedDefaults() {}

  /** Adds what suits pre-training, where nothing was chosen. */
  static void fill(RecipeDefaults recipe, MaeVariant variant) {
    int size = recipe.whole("imageSize", variant.imageSize());
    int patch = variant.sizes().multiple();
    int coarse = Curricula.defaultMultiple(size);
    recipe.put("bandwidthMultiple", coarse % patch == 0 ? coarse : patch);
    double epochs = recipe.number("epochs", 50);
    int usual = size <= RecipeDefaults.SMALL ? 256 : 128;
    int batch = recipe.whole("batchSize", recipe.batchSize(usual));

    recipe.put("optimizer", Rule.ADAMW);
    // With the root of the batch, as all rates of adaptive rules here.
    recipe.put("learningRate", RATE * Math.sqrt(batch / RATE_BATCH));
    recipe.put("minLearningRate", 0.0);
    recipe.put("beta2", 0.95);
    recipe.put("weightDecay", 0.05);
    boolean share = recipe.number("warmupShare", 0) > 0;
    recipe.put("warmupEpochs", share ? 0.0 : Math.min(40, 0.05 * epochs));
    recipe.put("clipNorm", 0.0);

    recipe.put("trainingCrop", TrainingCrop.RESIZED);
    recipe.put("minCropArea", 0.2);
    recipe.put("randAugment", false);
    Stream.of("labelSmoothing", "dropPath", "headDropout", "mixup", "cutmix", "erasing")
        .forEach(none -> recipe.put(none, 0.0));
    recipe.put("evaluateEvery", Math.max(1, epochs / 20));
  }
}
