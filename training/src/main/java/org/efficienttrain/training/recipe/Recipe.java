package org.efficienttrain.training.recipe;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import java.util.Map;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.curriculum.Scaling;
import org.efficienttrain.curriculum.Stage;
import org.efficienttrain.images.augment.LowFrequency;
import org.efficienttrain.models.Mae;
import org.efficienttrain.tensor.Precision;
import org.efficienttrain.training.UserError;

/**
 * Every choice that decides the result of a run. Two runs of one recipe on one dataset give the
 * same numbers.
 *
 * <p>A component is a key of recipe files and of {@code --set}, and its annotation is all that
 * there is to declare: binding, ranges, messages and the table in {@code docs/recipes.md} follow.
 * Make a recipe with {@link RecipeSettings#resolve}, which fills in what was left out.
 */
public record Recipe(
    @Key("name of a backbone") String model,
    @Key(value = "side in pixels of the images at full bandwidth", min = 8, max = 4096)
        int imageSize,
    @Key(
            value = "length: passes over the data; equivalent epochs on the compute clock",
            min = 1e-9,
            byDefault = "10")
        double epochs,
    @Key(
            value = "length of the baseline that this run replaces, for the predicted speed-up",
            min = 1e-9)
        double baselineEpochs,
    @Key(value = "name of a preset, stages written out, or a file of them", byDefault = "none")
        String curriculum,
    @Key(value = "how bandwidths follow another image size", byDefault = "proportional")
        Scaling curriculumScaling,
    @Key(value = "what every bandwidth is a multiple of", min = 1, max = 4096)
        int bandwidthMultiple,
    @Key(
            value =
                "share of the run after which it is cut short ([search.md](search.md)); 1 is a whole run",
            min = 1e-6,
            max = 1,
            byDefault = "1")
        double cutAt,
    @Key(
            value =
                "length of the fine-tuning at full bandwidth that ends a run cut short, as a share of the whole run",
            max = 1,
            byDefault = "0")
        double cutAnnealing,
    @Key(
            value =
                "what the compute clock and predictions count of an image: its pixels, as the papers do, or the network's multiply-adds, which a side that its stride does not divide has more of",
            byDefault = "pixels")
        Cost cost,
    @Key("where and how the high frequencies go") LowFrequency crop,
    @Key(value = "images per optimiser step over all processes", min = 1) int batchSize,
    @Key(
            value = "images that a process holds at full bandwidth; fewer accumulate gradients",
            min = 1)
        int microBatch,
    @Key(
            value = "largest factor on the batch at a small bandwidth; 1 is off",
            min = 1,
            max = 64,
            byDefault = "1")
        int earlyLargeBatch,
    @Key("rule of the update") Rule optimizer,
    @Key(value = "highest rate, at the whole batch size", min = 1e-12, max = 1e3)
        double learningRate,
    @Key(value = "rate that the cosine ends at", max = 1e3) double minLearningRate,
    @Key(
            value =
                "learning rate: one curve over the `wholeRun`, or `perStage` anew, as in the official scripts of EfficientTrain++",
            byDefault = "wholeRun")
        Schedule schedule,
    @Key("linear warm-up, in passes over the data") double warmupEpochs,
    @Key(
            value = "linear warm-up as a share of the run, instead of `warmupEpochs`; 0 is off",
            max = 0.99,
            byDefault = "0")
        double warmupShare,
    @Key(value = "momentum of SGD, beta1 of AdamW and LAMB", max = 0.9999, byDefault = "0.9")
        double momentum,
    @Key(
            value = "decay of the second moment of AdamW and LAMB",
            max = 0.999999,
            byDefault = "0.999")
        double beta2,
    @Key(value = "added to the root of the second moment", min = 1e-16, max = 1) double epsilon,
    @Key(value = "decay of weights; vectors and what the model exempts have none", max = 10)
        double weightDecay,
    @Key(
            value = "factor on the learning rate per layer, from the head down; 1 is off",
            min = 0.01,
            max = 1,
            byDefault = "1")
        double layerDecay,
    @Key("limit of the gradient's norm; 0 is off") double clipNorm,
    @Key(
            value = "decay of the moving average of weights; 0 is off",
            max = 0.9999999,
            byDefault = "0")
        double emaDecay,
    @Key(value = "share of the target spread over all classes", max = 0.99) double labelSmoothing,
    @Key(value = "stochastic depth rate of the deepest block", max = 0.95) double dropPath,
    @Key(value = "dropout before the classifier, of models that have it", max = 0.95)
        double headDropout,
    @Key(
            value = "factor on the classifier's weights at the start, where they are new",
            max = 1,
            byDefault = "1")
        double headInitScale,
    @Key(value = "alpha of mixup; 0 is off", max = 100) double mixup,
    @Key(value = "alpha of cutmix; 0 is off", max = 100) double cutmix,
    @Key(value = "probability of random erasing", max = 1) double erasing,
    @Key(
            value = "crop `dct` may run RandAugment on the reduced image, which is faster",
            byDefault = "false")
        boolean augmentAtBandwidth,
    @Key("erase after the low-frequency crop, as EfficientTrain++ does, not before")
        boolean eraseAfterCrop,
    @Key("a random part resized, or a random window of the padded image") TrainingCrop trainingCrop,
    @Key(
            value = "smallest share of the image's area that a random resized crop keeps",
            min = 0.001,
            max = 1)
        double minCropArea,
    @Key(value = "mirror half of the images", byDefault = "true") boolean flip,
    @Key("RandAugment at the curriculum's magnitude") boolean randAugment,
    @Key(
            value = "3-Augment of DeiT III, which has no magnitude, in place of RandAugment",
            byDefault = "false")
        boolean threeAugment,
    @Key(value = "strength of the colour jitter that follows; 0 is off", max = 10, byDefault = "0")
        double colorJitter,
    @Key(
            value = "views of each image in an epoch (repeated augmentation); 1 is off",
            min = 1,
            max = 64,
            byDefault = "1")
        int repeats,
    @Key(
            value =
                "how often an image read once is shown, from a replay buffer, in every stage; 1 is off, 0 leaves it to the curriculum",
            min = 0,
            max = Stage.MAX_REPLAY,
            byDefault = "0")
        int replayTimes,
    @Key(value = "images that the replay buffer holds on each process", max = 2e9, byDefault = "0")
        int replayImages,
    @Key(
            value = "share of the shorter side that the centre crop of an evaluation keeps",
            min = 0.1,
            max = 1)
        double evaluationCrop,
    @Key(
            value = "passes over the data between evaluations; 0 evaluates at the end only",
            byDefault = "1")
        double evaluateEvery,
    @Key(
            value = "batch normalisation by the batches of all processes together",
            byDefault = "false")
        boolean syncBatchNorm,
    @Key(
            value = "type of both passes; `auto` is what rank 0's device is fast at",
            byDefault = "auto")
        Precision precision,
    @Key(value = "channels last in memory: layout of images and convolutions", byDefault = "true")
        boolean channelsLast,
    @Key(value = "which parameters learn", byDefault = "all") Trained trained,
    @Key(
            value =
                "what a masked autoencoder predicts of a hidden patch ([pretraining.md](pretraining.md))",
            byDefault = "pixels")
        Mae.Target target,
    @Key(
            value = "share of the patches that a masked autoencoder hides, between 0 and 1",
            min = 0,
            max = 1,
            byDefault = "0.75")
        double maskRatio,
    @Key(
            value = "steps in a row with a loss that is not finite before the run stops",
            byDefault = "20")
        int maxSkippedSteps,
    @Key(
            value = "of everything random",
            min = Long.MIN_VALUE,
            max = Long.MAX_VALUE,
            byDefault = "0")
        long seed) {

  /** What an image costs. */
  public enum Cost {
    /** (B / image size) squared. */
    PIXELS,

    /** Of the network's forward pass at B, where a stride that does not divide B costs extra. */
    OPERATIONS
  }

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

  /** How the learning rate follows the run. */
  public enum Schedule {
    /** One curve over the progress of the whole run. */
    @JsonProperty("wholeRun")
    WHOLE_RUN,
    /** Each stage has its part of a schedule of its own; the rate jumps between them. */
    @JsonProperty("perStage")
    PER_STAGE
  }

  /** How a training image gets its size. */
  public enum TrainingCrop {
    /** A random part of random area and aspect, resized. */
    RESIZED,
    /** A random window of the image with a border of an eighth: for small images. */
    PADDED
  }

  /**
   * Checks combinations; the range of each key is checked where its value comes from.
   *
   * @throws UserError naming the first key that is wrong
   */
  public Recipe {
    require(
        minLearningRate <= learningRate,
        "minLearningRate, %s, must not be above learningRate, %s"
            .formatted(minLearningRate, learningRate));
    require(
        maskRatio > 0 && maskRatio < 1,
        "maskRatio must lie between 0 and 1 and be neither: something has to be hidden, and something to be seen");
    require(
        warmupEpochs == 0 || warmupShare == 0,
        "a recipe gives the warm-up as warmupEpochs or as warmupShare, not both: set one of them to 0");
    require(
        imageSize % bandwidthMultiple == 0,
        "imageSize %d is not a multiple of bandwidthMultiple, %d: use %d, or another multiple"
            .formatted(
                imageSize,
                bandwidthMultiple,
                Math.max(1, Math.round((float) imageSize / bandwidthMultiple))
                    * bandwidthMultiple));
    require(
        !(randAugment && threeAugment),
        "threeAugment takes the place of randAugment: set one of them to false");
    require(
        (cutAt == 1) == (cutAnnealing == 0),
        "a run cut short has cutAt below 1 and cutAnnealing above 0, a whole one 1 and 0, not %s and %s"
            .formatted(cutAt, cutAnnealing));
    boolean replays = replayTimes == 0 ? Curricula.of(curriculum).replays() : replayTimes > 1;
    require(
        !replays || replayImages >= 1,
        "%s shows images again, which needs a replay buffer: set replayImages"
            .formatted(
                replayTimes == 0 ? "curriculum " + curriculum : "replayTimes " + replayTimes));
    require(
        !crop.inWorkers() || erasing == 0 || eraseAfterCrop,
        "crop %s happens before images reach the device, so erasing can only follow it: set eraseAfterCrop to true"
            .formatted(crop.name().toLowerCase(Locale.ROOT)));
  }

  private static void require(boolean right, String message) {
    if (!right) {
      throw new UserError(message);
    }
  }

  /** Side in pixels of the images that the workers make at a bandwidth. */
  public int loadedSide(int bandwidth) {
    return crop.inWorkers() ? bandwidth : imageSize;
  }

  /** The recipe by key, in the order of this record; values are numbers, text and booleans. */
  public Map<String, Object> toMap() {
    return Keys.toMap(this);
  }

  /** The keys that have one default for all, by key with that value, as in {@link #toMap}. */
  public static Map<String, Object> constants() {
    return Keys.toMap(RecipeDefaults.CONSTANTS.values());
  }

  /**
   * The same with another value of one key.
   *
   * @throws UserError if there is no such key, or the value does not fit
   */
  public Recipe with(String key, Object value) {
    return with(Map.of(key, value));
  }

  /** The same with other values of some keys. */
  public Recipe with(Map<String, Object> changes) {
    Map<String, Object> values = toMap();
    changes.forEach((key, value) -> values.put(key, Keys.convert(key, value, "the recipe")));
    return Keys.toRecipe(values);
  }
}
