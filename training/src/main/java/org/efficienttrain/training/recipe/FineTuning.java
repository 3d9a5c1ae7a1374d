package org.efficienttrain.training.recipe;

import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.Variant;
import org.efficienttrain.training.recipe.Recipe.Rule;
import org.efficienttrain.training.recipe.Recipe.Trained;

/**
 * What a recipe that goes on from trained weights does not say. The field's settings, for smaller
 * sets and batches: of facebookresearch/mae ({@code FINETUNE.md}) for transformers and probes, of
 * ConvNeXt and of FixRes.
 */
public final class FineTuning {
  /** From here on LARS pays (You et al. 2017). */
  private static final int LARGE_BATCH = 4096;

  /** The batch that a family's rate is for. */
  private static final double RATE_BATCH = 1024;

  /** More stochastic depth than this disturbs what is there. */
  private static final double MOST_DROP_PATH = 0.2;

  /** Of all that does not move the weights inside the network. */
  private static final RecipeSettings HEAD =
      RecipeSettings.parse(
          """
          weightDecay: 0
          clipNorm: 0
          dropPath: 0
          mixup: 0
          cutmix: 0
          labelSmoothing: 0
          erasing: 0
          randAugment: false
          trainingCrop: resized
          """,
          "fine-tuning");

  private FineTuning() {}

  /**
   * Adds what suits the parameters that learn, where nothing was chosen.
   *
   * @param chosen names the model at least; without {@code trained}, everything learns
   * @param images size of the training set
   * @param newHead whether the head starts untrained
   */
  public static RecipeSettings fill(RecipeSettings chosen, int images, boolean newHead) {
    return switch ((Trained) chosen.orElse("trained", Trained.ALL).get("trained")) {
      case ALL -> endToEnd(chosen, images, newHead);
      case HEAD -> probe(chosen, images);
      case HEAD_AND_NORMS -> headAndNorms(chosen, images);
    };
  }

  /** The lower layers learn slower. */
  private static RecipeSettings endToEnd(RecipeSettings chosen, int images, boolean newHead) {
    Variant variant = Backbones.variant(RecipeDefaults.model(chosen));
    RecipeSettings s =
        warmUp(chosen.orElse("epochs", 30), 0.05)
            .orElse("dropPath", Math.min(variant.dropPath(), MOST_DROP_PATH))
            .orElse("layerDecay", variant.usual().layerDecay());
    if (newHead && !variant.usual().sgd()) {
      s = s.orElse("headInitScale", 0.001);
    }
    Recipe soFar = s.resolve(images);
    double batch = soFar.batchSize();
    return switch (soFar.optimizer()) {
      case ADAMW ->
          s.orElse("learningRate", variant.usual().fineTuningRate() * Math.sqrt(batch / RATE_BATCH))
              .orElse("clipNorm", 0);
      case SGD -> s.orElse("learningRate", 0.01 * batch / 128);
      case LAMB, LARS -> s;
    };
  }

  /** One linear layer learns on what the frozen network says. */
  private static RecipeSettings probe(RecipeSettings chosen, int images) {
    int atLeast = Math.min(32, Integer.highestOneBit(Math.max(1, images)));
    int usual = Math.min(4096, Math.max(atLeast, Integer.highestOneBit(images / 16)));
    RecipeSettings s = HEAD.with(chosen).orElse("epochs", 30).orElse("batchSize", usual);
    int batch = (int) s.get("batchSize");
    return warmUp(s, 1.0 / 9)
        .orElse("microBatch", Math.min(256, batch))
        // LARS, as MAE has it, is made for large batches: its steps are a share of the weights,
        // and the few small ones of a small dataset lead nowhere. SGD at the rate of MoCo v3
        // (Chen et al. 2021).
        .orElse("optimizer", batch >= LARGE_BATCH ? Rule.LARS : Rule.SGD)
        .orElse("learningRate", 0.1 * batch / 256)
        .orElse("minLearningRate", 0)
        .orElse("minCropArea", 0.08)
        .orElse("headInitScale", 0.5);
  }

  /** The head and the norms learn, usually at a larger size (Touvron et al., FixRes, 2019). */
  private static RecipeSettings headAndNorms(RecipeSettings chosen, int images) {
    RecipeSettings s =
        warmUp(HEAD.with(chosen).orElse("epochs", 10), 0.1)
            .orElse("optimizer", Rule.ADAMW)
            // Objects as large as those that will be seen: that is the point.
            .orElse("minCropArea", 0.5);
    double batch = s.resolve(images).batchSize();
    return s.orElse("learningRate", 2e-4 * Math.sqrt(batch / 128));
  }

  private static RecipeSettings warmUp(RecipeSettings s, double share) {
    return s.get("warmupShare") != null
        ? s
        : s.orElse("warmupEpochs", share * (double) s.get("epochs"));
  }
}
