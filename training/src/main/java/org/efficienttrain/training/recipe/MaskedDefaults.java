package org.efficienttrain.training.recipe;

import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.models.MaeVariant;

/**
 * What a recipe of a masked autoencoder does not say: the settings of facebookresearch/mae ({@code
 * PRETRAIN.md}), for fewer images a batch and fewer epochs.
 */
final class MaskedDefaults {
  /** The official rate and the batch that it is for. */
  private static final double RATE = 2.4e-3;

  private static final double RATE_BATCH = 4096;

  private static final RecipeSettings ALWAYS =
      RecipeSettings.parse(
          """
          epochs: 50
          optimizer: adamw
          minLearningRate: 0
          beta2: 0.95
          weightDecay: 0.05
          warmupShare: 0
          clipNorm: 0
          trainingCrop: resized
          minCropArea: 0.2
          randAugment: false
          labelSmoothing: 0
          dropPath: 0
          headDropout: 0
          mixup: 0
          cutmix: 0
          erasing: 0
          """,
          "pre-training");

  private MaskedDefaults() {}

  /** Adds what suits pre-training, where nothing was chosen. */
  static RecipeSettings fill(RecipeSettings chosen, MaeVariant variant, int images) {
    RecipeSettings s = ALWAYS.with(chosen).orElse("imageSize", variant.imageSize());
    int size = (int) s.get("imageSize");
    int usual = size <= RecipeDefaults.SMALL ? 256 : 128;
    s = s.orElse("batchSize", RecipeDefaults.batchSize(usual, images));
    int batch = (int) s.get("batchSize");
    double epochs = (double) s.get("epochs");
    boolean share = (double) s.get("warmupShare") > 0;
    int patch = variant.sizes().multiple();
    int coarse = Curricula.defaultMultiple(size);

    return s.orElse("bandwidthMultiple", coarse % patch == 0 ? coarse : patch)
        // With the root of the batch, as all rates of adaptive rules here.
        .orElse("learningRate", RATE * Math.sqrt(batch / RATE_BATCH))
        .orElse("warmupEpochs", share ? 0 : Math.min(40, 0.05 * epochs))
        .orElse("evaluateEvery", Math.max(1, epochs / 20));
  }
}
