package org.efficienttrain.training.recipe;

import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.Variant;
import org.efficienttrain.training.recipe.Recipe.Rule;
import org.efficienttrain.training.recipe.Recipe.Trained;
import org.efficienttrain.training.recipe.Recipe.TrainingCrop;

/**
 * What a recipe that goes on from trained weights does not say. The field's settings, for smaller
 * sets and batches: of facebookresearch/mae ({@code FINETUNE.md}) for transformers and probes, of
 * ConvNeXt and of FixRes.
 */
public final class FineTuning {
  /** From here on LARS pays (You et al. 2017). */
  private static final int LARGE_BATCH = 4096;

  /** The rate of transformers and the batch that it is for. */
  private static final double RATE = 2e-3;

  private static final double RATE_BATCH = 1024;

  /** Networks that are no plain transformer learn at this share of it: their weights fit better. */
  private static final double OTHERS = 0.25;

  /** More stochastic depth than this disturbs what is there. */
  private static final double MOST_DROP_PATH = 0.2;

  private RecipeSettings settings;
  private final int images;

  private FineTuning(RecipeSettings settings, int images) {
    this.settings = settings;
    this.images = images;
  }

  /**
   * Everything learns, the lower layers slower.
   *
   * @param chosen names the model at least; what it says stays
   * @param images size of the training set
   * @param newHead whether the head starts untrained
   */
  public static RecipeSettings endToEnd(RecipeSettings chosen, int images, boolean newHead) {
    FineTuning f = new FineTuning(chosen, images);
    Variant variant = f.variant();
    boolean convolutional = variant.family().equals("ResNet");
    f.put("epochs", 30.0);
    f.put("dropPath", Math.min(variant.dropPath(), MOST_DROP_PATH));
    f.put("layerDecay", layerDecay(variant));
    f.warmUp(0.05);
    if (newHead && !convolutional) {
      f.put("headInitScale", 0.001);
    }
    if (f.resolved().optimizer() == Rule.ADAMW) {
      boolean plain = isPlainTransformer(variant);
      double batch = f.resolved().batchSize();
      f.put("learningRate", (plain ? 1 : OTHERS) * RATE * Math.sqrt(batch / RATE_BATCH));
      f.put("clipNorm", 0.0);
    } else if (f.resolved().optimizer() == Rule.SGD) {
      f.put("learningRate", 0.01 * f.resolved().batchSize() / 128);
    }
    return f.settings;
  }

  /** One linear layer learns on what the frozen network says. */
  public static RecipeSettings probe(RecipeSettings chosen, int images) {
    FineTuning f = new FineTuning(chosen, images);
    f.put("trained", Trained.HEAD);
    f.put("epochs", 30.0);
    int atLeast = Math.min(32, Integer.highestOneBit(Math.max(1, images)));
    f.put("batchSize", Math.min(4096, Math.max(atLeast, Integer.highestOneBit(images / 16))));
    f.put("microBatch", Math.min(256, f.resolved().batchSize()));
    // LARS, as MAE has it, is made for large batches: its steps are a share of the weights, and the
    // few small ones of a small dataset lead nowhere. SGD at the rate of MoCo v3 (Chen et al.
    // 2021).
    f.put("optimizer", f.resolved().batchSize() >= LARGE_BATCH ? Rule.LARS : Rule.SGD);
    f.put("learningRate", 0.1 * f.resolved().batchSize() / 256);
    f.put("minLearningRate", 0.0);
    f.put("weightDecay", 0.0);
    f.put("clipNorm", 0.0);
    f.warmUp(1.0 / 9);
    f.plainImages(0.08);
    f.put("headInitScale", 0.5);
    return f.settings;
  }

  /** The head and the norms learn, usually at a larger size (Touvron et al., FixRes, 2019). */
  public static RecipeSettings headAndNorms(RecipeSettings chosen, int images) {
    FineTuning f = new FineTuning(chosen, images);
    f.put("trained", Trained.HEAD_AND_NORMS);
    f.put("epochs", 10.0);
    f.put("optimizer", Rule.ADAMW);
    f.put("learningRate", 2e-4 * Math.sqrt(f.resolved().batchSize() / 128.0));
    f.put("weightDecay", 0.0);
    f.put("clipNorm", 0.0);
    f.warmUp(0.1);
    // Objects as large as those that will be seen: that is the point.
    f.plainImages(0.5);
    return f.settings;
  }

  private void plainImages(double minCropArea) {
    for (String none : new String[] {"dropPath", "mixup", "cutmix", "labelSmoothing", "erasing"}) {
      put(none, 0.0);
    }
    put("randAugment", false);
    put("trainingCrop", TrainingCrop.RESIZED);
    put("minCropArea", minCropArea);
  }

  private void warmUp(double share) {
    if (!settings.values().containsKey("warmupShare")) {
      put("warmupEpochs", share * resolved().epochs());
    }
  }

  /** As fine-tuned elsewhere: MAE, ConvNeXt, CSWin. */
  private static double layerDecay(Variant variant) {
    if (isPlainTransformer(variant)) {
      return variant.name().contains("base") ? 0.65 : 0.75;
    }
    return switch (variant.family()) {
      case "ResNet" -> 1;
      case "CSWin" -> 0.9;
      default -> 0.8;
    };
  }

  private static boolean isPlainTransformer(Variant variant) {
    return variant.family().equals("DeiT") || variant.family().equals("ViT");
  }

  private Variant variant() {
    return Backbones.variant(resolved().model());
  }

  private Recipe resolved() {
    return settings.resolve(images);
  }

  private void put(String key, Object value) {
    if (!settings.values().containsKey(key)) {
      settings = settings.with(key, value);
    }
  }
}
