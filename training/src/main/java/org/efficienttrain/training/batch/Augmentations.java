package org.efficienttrain.training.batch;

import org.efficienttrain.curriculum.Exposure;
import org.efficienttrain.curriculum.PlannedBatch;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.augment.AugmentationSpec;
import org.efficienttrain.images.augment.BatchMix;
import org.efficienttrain.images.augment.Policy;
import org.efficienttrain.images.augment.RandAugment;
import org.efficienttrain.images.augment.RandomResizedCrop;
import org.efficienttrain.images.augment.ThreeAugment;
import org.efficienttrain.images.loader.BatchAddress;
import org.efficienttrain.images.loader.BatchSchedule;
import org.efficienttrain.images.loader.LoaderSettings;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.recipe.Recipe;

/** From a recipe and its plan to what the image loader is asked for. */
public final class Augmentations {
  private static final int PREFETCH = 4;

  /** Large batches are fetched ahead fewer at a time. */
  private static final long PREFETCH_BYTES = 1L << 30;

  private Augmentations() {}

  /** What the workers do to a training image. */
  public static AugmentationSpec workers(Recipe recipe) {
    AugmentationSpec spec = AugmentationSpec.small(recipe.imageSize());
    if (recipe.trainingCrop() == Recipe.TrainingCrop.RESIZED) {
      RandomResizedCrop standard = RandomResizedCrop.standard();
      spec =
          spec.withCrop(
              new RandomResizedCrop(
                  recipe.minCropArea(), 1, standard.minRatio(), standard.maxRatio()));
    }
    return spec.withFlipProbability(recipe.flip() ? 0.5 : 0)
        .withPolicy(policy(recipe))
        .withColorJitter(recipe.colorJitter())
        .withLowFrequency(recipe.crop())
        .withAugmentAtBandwidth(recipe.augmentAtBandwidth() || policy(recipe) == Policy.NONE);
  }

  private static Policy policy(Recipe recipe) {
    if (recipe.threeAugment()) {
      return new ThreeAugment();
    }
    return recipe.randAugment() ? RandAugment.standard() : Policy.NONE;
  }

  /** Mixup and cutmix on the device; with both, one or the other for every batch. */
  public static BatchMix mixing(Recipe recipe) {
    return recipe.mixup() == 0 && recipe.cutmix() == 0
        ? BatchMix.none()
        : new BatchMix(recipe.mixup(), recipe.cutmix(), 1, 0.5);
  }

  /** The batch of one process at every step of a plan. */
  public static BatchSchedule batches(Recipe recipe, TrainingPlan plan) {
    return step -> {
      PlannedBatch batch = plan.batchAt(step);
      Exposure exposure = batch.exposure();
      return new BatchAddress(
          Math.toIntExact(batch.epoch()),
          Math.toIntExact(batch.first()),
          batch.fresh(),
          batch.count(),
          new SampleExposure(recipe.loadedSide(exposure.bandwidth()), exposure.magnitude()),
          batch.replayFrom());
    };
  }

  /** How the loader orders and shares out the training images. */
  public static LoaderSettings loader(Job job, TrainingPlan plan) {
    Recipe recipe = job.recipe();
    RunOptions options = job.options();
    Collective ranks = job.ranks();
    long batchBytes =
        plan.phases().stream()
            .mapToLong(p -> (long) p.batchSize() * recipe.imageSize() * recipe.imageSize() * 3)
            .max()
            .orElseThrow();
    return LoaderSettings.forTraining(recipe.seed())
        .withWorkers(options.workers())
        .withMaxBrokenFraction(options.maxBroken())
        .withRank(ranks.rank(), ranks.worldSize())
        .withRepeats(recipe.repeats())
        .withReplayImages(plan.curriculum().replays() ? recipe.replayImages() : 0)
        .withPrefetch((int) Math.max(1, Math.min(PREFETCH, PREFETCH_BYTES / batchBytes)));
  }
}
