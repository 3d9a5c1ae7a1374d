package org.efficienttrain.training.recipe;

import java.util.Locale;
import java.util.Map;
import org.efficienttrain.models.Mae;
import org.efficienttrain.training.UserError;

/**
 * Every choice that decides the result of a run. Two runs of one recipe on one dataset give the
 * same numbers.
 *
 * <p>The names of the components are the keys of a recipe file and of {@code --set}. Make one with
 * {@link RecipeSettings#resolve}, which fills in what was left out.
 *
 * @param model name of a backbone
 * @param imageSize side in pixels of the images at full bandwidth
 * @param epochs length: passes over the data, or equivalent epochs for a curriculum on the compute
 *     clock
 * @param baselineEpochs length of the run without a curriculum that this one replaces; only for the
 *     predicted speed-up
 * @param curriculum name of a preset, or stages written out
 * @param curriculumScaling how bandwidths follow another image size
 * @param bandwidthMultiple what every bandwidth is a multiple of
 * @param crop where and how the high frequencies go
 * @param batchSize images per optimiser step over all processes
 * @param microBatch images that one process holds at full bandwidth; fewer than its part of the
 *     batch accumulates gradients
 * @param earlyLargeBatch largest factor on the batch at a small bandwidth; 1 is off
 *     (EfficientTrain++ section 5.3)
 * @param optimizer rule of the update
 * @param learningRate highest rate, at the whole batch size
 * @param minLearningRate rate that the cosine ends at
 * @param warmupEpochs linear warm-up, in passes over the data
 * @param warmupShare linear warm-up as a share of the run on its clock; instead of {@code
 *     warmupEpochs} where above 0
 * @param momentum momentum of SGD, beta1 of AdamW and LAMB
 * @param beta2 decay of the second moment of AdamW and LAMB
 * @param epsilon added to the root of the second moment
 * @param weightDecay decay of weights; biases, norms and tables have none
 * @param layerDecay factor on the learning rate per layer, from the head down; 1 is off
 * @param clipNorm limit of the gradient's norm; 0 is off
 * @param emaDecay decay of the moving average of weights; 0 is off
 * @param labelSmoothing share of the target spread over all classes
 * @param dropPath stochastic depth rate of the deepest block
 * @param headDropout dropout before the classifier, of models that have it
 * @param mixup alpha of mixup; 0 is off
 * @param cutmix alpha of cutmix; 0 is off
 * @param erasing probability of random erasing
 * @param augmentAtBandwidth whether crop {@code dct} may run RandAugment on the reduced image, so
 *     that it never makes the full one
 * @param eraseAfterCrop erase after the low-frequency crop, as EfficientTrain++ does, not before
 * @param trainingCrop how a training image gets its size
 * @param minCropArea smallest share of the image's area that a random resized crop keeps
 * @param flip mirror half of the images
 * @param randAugment RandAugment at the curriculum's magnitude
 * @param threeAugment 3-Augment of DeiT III, which has no magnitude, in place of RandAugment
 * @param colorJitter strength of the colour jitter that follows; 0 is off
 * @param repeats views of each image in an epoch (repeated augmentation); 1 is off
 * @param replayTimes how often an image read once is shown, from a replay buffer; 1 is off
 * @param replayImages images that the replay buffer holds on each process
 * @param evaluationCrop share of the shorter side that the centre crop of an evaluation keeps
 * @param evaluateEvery passes over the data between evaluations; 0 evaluates at the end only
 * @param syncBatchNorm batch normalisation by the statistics of all processes' batches
 * @param precision type of the forward and backward pass
 * @param channelsLast layout of images and convolutions in memory
 * @param trained which parameters learn
 * @param target what a masked autoencoder predicts of a hidden patch
 * @param maskRatio share of the patches that a masked autoencoder hides, in (0, 1)
 * @param maxSkippedSteps steps in a row with a loss that is not finite before the run stops
 * @param seed of everything random
 */
public record Recipe(
    String model,
    int imageSize,
    double epochs,
    double baselineEpochs,
    String curriculum,
    Scaling curriculumScaling,
    int bandwidthMultiple,
    Crop crop,
    int batchSize,
    int microBatch,
    int earlyLargeBatch,
    Rule optimizer,
    double learningRate,
    double minLearningRate,
    double warmupEpochs,
    double warmupShare,
    double momentum,
    double beta2,
    double epsilon,
    double weightDecay,
    double layerDecay,
    double clipNorm,
    double emaDecay,
    double labelSmoothing,
    double dropPath,
    double headDropout,
    double mixup,
    double cutmix,
    double erasing,
    boolean augmentAtBandwidth,
    boolean eraseAfterCrop,
    TrainingCrop trainingCrop,
    double minCropArea,
    boolean flip,
    boolean randAugment,
    boolean threeAugment,
    double colorJitter,
    int repeats,
    int replayTimes,
    int replayImages,
    double evaluationCrop,
    double evaluateEvery,
    boolean syncBatchNorm,
    Precision precision,
    boolean channelsLast,
    Trained trained,
    Mae.Target target,
    double maskRatio,
    int maxSkippedSteps,
    long seed) {

  /** The rule that updates the weights. */
  public enum Rule {
    SGD,
    ADAMW,
    LAMB,
    LARS
  }

  /** Which parameters learn; the others stay as they are. */
  public enum Trained {
    ALL,
    /** The classifier alone. */
    HEAD,
    /** The classifier and every normalisation's scale and shift. */
    HEAD_AND_NORMS
  }

  /** How an image loses its high frequencies. */
  public enum Crop {
    /** The crop of the Fourier spectrum, on the device (EfficientTrain, ICCV). */
    FOURIER,
    /** Down-sampling with the Lanczos kernel while loading (EfficientTrain++). */
    LANCZOS,
    /**
     * Decoding and resizing straight to the bandwidth while loading, while the magnitude is 0 or
     * nothing is augmented at the full size; otherwise as {@link #LANCZOS}.
     */
    DCT
  }

  /** How a training image gets its size. */
  public enum TrainingCrop {
    /** A random part of random area and aspect, resized. */
    RESIZED,
    /** A random window of the image with a border of an eighth: for small images. */
    PADDED
  }

  /** The type of the forward and backward pass. */
  public enum Precision {
    FP32,
    BF16,
    FP16
  }

  /** How bandwidths follow another image size. */
  public enum Scaling {
    PROPORTIONAL,
    ABSOLUTE
  }

  /**
   * Checks ranges and combinations.
   *
   * @throws UserError naming the first key that is wrong
   */
  public Recipe {
    RecipeChecks.check(
        new RecipeChecks.Range("imageSize", imageSize, 8, 4096),
        new RecipeChecks.Range("epochs", epochs, 1e-9, 1e6),
        new RecipeChecks.Range("baselineEpochs", baselineEpochs, 1e-9, 1e6),
        new RecipeChecks.Range("bandwidthMultiple", bandwidthMultiple, 1, imageSize),
        new RecipeChecks.Range("batchSize", batchSize, 1, 1 << 20),
        new RecipeChecks.Range("microBatch", microBatch, 1, 1 << 20),
        new RecipeChecks.Range("earlyLargeBatch", earlyLargeBatch, 1, 64),
        new RecipeChecks.Range("learningRate", learningRate, 1e-12, 1e3),
        new RecipeChecks.Range("minLearningRate", minLearningRate, 0, learningRate),
        new RecipeChecks.Range("warmupEpochs", warmupEpochs, 0, 1e6),
        new RecipeChecks.Range("warmupShare", warmupShare, 0, 0.99),
        new RecipeChecks.Range("momentum", momentum, 0, 0.9999),
        new RecipeChecks.Range("beta2", beta2, 0, 0.999999),
        new RecipeChecks.Range("epsilon", epsilon, 1e-16, 1),
        new RecipeChecks.Range("weightDecay", weightDecay, 0, 10),
        new RecipeChecks.Range("layerDecay", layerDecay, 0.01, 1),
        new RecipeChecks.Range("clipNorm", clipNorm, 0, 1e6),
        new RecipeChecks.Range("emaDecay", emaDecay, 0, 0.9999999),
        new RecipeChecks.Range("labelSmoothing", labelSmoothing, 0, 0.99),
        new RecipeChecks.Range("dropPath", dropPath, 0, 0.95),
        new RecipeChecks.Range("headDropout", headDropout, 0, 0.95),
        new RecipeChecks.Range("mixup", mixup, 0, 100),
        new RecipeChecks.Range("cutmix", cutmix, 0, 100),
        new RecipeChecks.Range("erasing", erasing, 0, 1),
        new RecipeChecks.Range("minCropArea", minCropArea, 0.001, 1),
        new RecipeChecks.Range("colorJitter", colorJitter, 0, 10),
        new RecipeChecks.Range("repeats", repeats, 1, 64),
        new RecipeChecks.Range("replayTimes", replayTimes, 1, 64),
        new RecipeChecks.Range("replayImages", replayImages, 0, Integer.MAX_VALUE),
        new RecipeChecks.Range("evaluationCrop", evaluationCrop, 0.1, 1),
        new RecipeChecks.Range("evaluateEvery", evaluateEvery, 0, 1e6),
        new RecipeChecks.Range("maskRatio", maskRatio, 0, 1),
        new RecipeChecks.Range("maxSkippedSteps", maxSkippedSteps, 0, 1 << 20));
    if (maskRatio == 0 || maskRatio == 1) {
      throw new UserError(
          "maskRatio must lie between 0 and 1 and be neither: something has to be hidden, and something to be seen");
    }
    if (warmupEpochs > 0 && warmupShare > 0) {
      throw new UserError(
          "a recipe gives the warm-up as warmupEpochs or as warmupShare, not both: set one of them to 0");
    }
    if (imageSize % bandwidthMultiple != 0) {
      throw new UserError(
          "imageSize %d is not a multiple of %d, which model %s needs: use %d"
              .formatted(
                  imageSize,
                  bandwidthMultiple,
                  model,
                  Math.max(1, Math.round((float) imageSize / bandwidthMultiple))
                      * bandwidthMultiple));
    }
    if (randAugment && threeAugment) {
      throw new UserError("threeAugment takes the place of randAugment: set one of them to false");
    }
    if (replayTimes > 1 && microBatch < batchSize) {
      throw new UserError(
          "replayTimes %d cannot go with gradient accumulation: set microBatch to batchSize, %d"
              .formatted(replayTimes, batchSize));
    }
    if (replayTimes > 1 && replayImages < 1) {
      throw new UserError("replayTimes above 1 needs a buffer: set replayImages");
    }
    if (crop != Crop.FOURIER && erasing > 0 && !eraseAfterCrop) {
      throw new UserError(
          "crop %s happens before images reach the device, so erasing can only follow it: set eraseAfterCrop to true"
              .formatted(crop.name().toLowerCase(Locale.ROOT)));
    }
  }

  /** Side in pixels of the images that the workers make at a bandwidth. */
  public int loadedSide(int bandwidth) {
    return crop == Crop.FOURIER ? imageSize : bandwidth;
  }

  /** The recipe by key, in the order of this record; values are numbers, text and booleans. */
  public Map<String, Object> toMap() {
    return RecipeBinding.toMap(this);
  }
}
