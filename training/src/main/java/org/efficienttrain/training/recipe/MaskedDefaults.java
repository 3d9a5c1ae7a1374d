package org.efficienttrain.training.recipe;

import java.util.Map;
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

  /** Images up to this side go through in larger batches. */
  private static final int SMALL = 64;

  private MaskedDefaults() {}

  /**
   * Adds what suits pre-training, where nothing was chosen.
   *
   * @param images size of the training set
   */
  static void fill(Map<String, Object> values, MaeVariant variant, int images) {
    values.putIfAbsent("imageSize", variant.imageSize());
    int size = (int) values.get("imageSize");
    int patch = variant.sizes().multiple();
    int coarse = Curricula.defaultMultiple(size);
    values.putIfAbsent("bandwidthMultiple", coarse % patch == 0 ? coarse : patch);
    values.putIfAbsent("epochs", 50.0);
    double epochs = (double) values.get("epochs");
    values.putIfAbsent("batchSize", RecipeDefaults.batchSize(size <= SMALL ? 256 : 128, images));
    int batch = (int) values.get("batchSize");

    values.putIfAbsent("optimizer", Rule.ADAMW);
    // With the root of the batch, as all rates of adaptive rules here.
    values.putIfAbsent("learningRate", RATE * Math.sqrt(batch / RATE_BATCH));
    values.putIfAbsent("minLearningRate", 0.0);
    values.putIfAbsent("beta2", 0.95);
    values.putIfAbsent("weightDecay", 0.05);
    boolean share = (double) values.getOrDefault("warmupShare", 0.0) > 0;
    values.putIfAbsent("warmupEpochs", share ? 0.0 : Math.min(40, 0.05 * epochs));
    values.putIfAbsent("clipNorm", 0.0);

    values.putIfAbsent("trainingCrop", TrainingCrop.RESIZED);
    values.putIfAbsent("minCropArea", 0.2);
    values.putIfAbsent("randAugment", false);
    for (String none : new String[] {"labelSmoothing", "dropPath", "headDropout"}) {
      values.putIfAbsent(none, 0.0);
    }
    for (String none : new String[] {"mixup", "cutmix", "erasing"}) {
      values.putIfAbsent(none, 0.0);
    }
    values.putIfAbsent("evaluateEvery", Math.max(1, epochs / 20));
  }
}
