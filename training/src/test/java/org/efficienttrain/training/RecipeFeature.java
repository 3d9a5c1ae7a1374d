package org.efficienttrain.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.efficienttrain.training.recipe.RecipeSettings;

/**
 * Everything that a recipe can switch on. A new feature joins the resumption suite by one line
 * here; a key of the recipe that neither a feature nor {@link #KEYS_WITHOUT_STATE} names fails it.
 */
enum RecipeFeature {
  CROP_FOURIER("crop=fourier"),
  CROP_LANCZOS("crop=lanczos", "eraseAfterCrop=true"),
  CROP_DCT("crop=dct", "eraseAfterCrop=true", "augmentAtBandwidth=true"),
  ERASING("erasing=0.5", "eraseAfterCrop=false"),
  ERASING_AFTER_THE_CROP("erasing=0.5", "eraseAfterCrop=true"),

  NO_CURRICULUM("curriculum=none"),
  CLOCK_OF_EPOCHS("curriculum=efficienttrain"),
  CLOCK_OF_COMPUTE("curriculum=efficienttrain++"),
  LINEAR_MAGNITUDE("curriculum=epochs 160:3,224:2 magnitude 0-9/7"),
  REPLAY_OF_STAGES("curriculum=efficienttrain++ replay 4,2,1", "replayTimes=0", "replayImages=20"),
  REPLAY_EVERYWHERE("replayTimes=3", "replayImages=20"),
  FRACTIONAL_EPOCHS("epochs=2.3"),
  CUT_SHORT("cutAt=0.6", "cutAnnealing=0.2"),

  ACCUMULATION("microBatch=2"),
  EARLY_LARGE_BATCH("earlyLargeBatch=3"),
  REPEATS("repeats=2"),

  SGD("optimizer=sgd", "trained=all"),
  ADAMW("optimizer=adamw", "trained=all"),
  LAMB("optimizer=lamb", "trained=all"),
  LARS("optimizer=lars"),
  RATE_OVER_THE_RUN("schedule=wholeRun"),
  RATE_PER_STAGE("schedule=perStage"),
  WARM_UP_OF_EPOCHS("warmupEpochs=0.4", "warmupShare=0"),
  WARM_UP_OF_A_SHARE("warmupEpochs=0", "warmupShare=0.2"),
  CLIPPING("clipNorm=0.5"),
  AVERAGED_WEIGHTS("emaDecay=0.8"),

  CONVOLUTIONS("model=resnet20_cifar"),
  DROP_PATH("model=deit_tiny_cifar", "dropPath=0.3"),
  LAYER_DECAY("model=deit_tiny_cifar", "layerDecay=0.7"),
  SHARED_STATISTICS("model=resnet20_cifar", "syncBatchNorm=true"),
  HIDDEN_PIXELS(
      "model=mae_vit_mini_cifar",
      "target=pixels",
      "trained=all",
      "mixup=0",
      "cutmix=0",
      "labelSmoothing=0"),
  HIDDEN_GRADIENTS(
      "model=mae_vit_mini_cifar",
      "target=hog",
      "maskRatio=0.6",
      "trained=all",
      "mixup=0",
      "cutmix=0",
      "labelSmoothing=0"),
  CHANNELS_FIRST("channelsLast=false"),
  FP32("precision=fp32"),
  BF16("precision=bf16"),
  FP16("precision=fp16"),

  MIXUP("mixup=0.8"),
  CUTMIX("cutmix=1"),
  SMOOTHING("labelSmoothing=0.1"),
  HEAD_ALONE("optimizer=lars", "trained=head"),
  HEAD_AND_NORMS("optimizer=lars", "trained=head_and_norms"),
  RAND_AUGMENT("randAugment=true", "threeAugment=false"),
  THREE_AUGMENT("randAugment=false", "threeAugment=true", "colorJitter=0.3"),
  RANDOM_RESIZED_CROP("trainingCrop=resized", "minCropArea=0.25"),
  PADDED_CROP("trainingCrop=padded"),
  NO_FLIP("flip=false"),
  EVALUATING_WITHIN_AN_EPOCH("evaluateEvery=0.4");

  /** Keys that hold nothing which a resumed run could lose, each with the reason. */
  static final Map<String, String> KEYS_WITHOUT_STATE =
      Collections.unmodifiableMap(
          new TreeMap<>(
              Map.ofEntries(
                  Map.entry("cost", "a number of the plan"),
                  Map.entry("imageSize", "a size of the network and the images; set by every test"),
                  Map.entry("batchSize", "a number of the plan; set by every test"),
                  Map.entry("baselineEpochs", "only for the predicted speed-up"),
                  Map.entry("curriculumScaling", "used up before the plan is made"),
                  Map.entry("bandwidthMultiple", "used up before the plan is made"),
                  Map.entry("learningRate", "a number of the schedule"),
                  Map.entry("minLearningRate", "a number of the schedule"),
                  Map.entry("momentum", "a number of the optimiser, whose state is compared"),
                  Map.entry("beta2", "a number of the optimiser, whose state is compared"),
                  Map.entry("epsilon", "a number of the optimiser"),
                  Map.entry("weightDecay", "a number of the optimiser"),
                  Map.entry("headInitScale", "used up before the first step"),
                  Map.entry("headDropout", "draws from the generator that dropPath draws from"),
                  Map.entry("evaluationCrop", "a number of the evaluation"),
                  Map.entry("maxSkippedSteps", "a limit; the count is kept with the run"),
                  Map.entry("seed", "an address of everything random; set by every test"))));

  @SuppressWarnings("ImmutableEnumChecker") // filled by the constructor and never changed
  private final Map<String, String> settings = new TreeMap<>();

  RecipeFeature(String... assignments) {
    for (String assignment : assignments) {
      String[] pair = assignment.split("=", 2);
      settings.put(pair[0], pair[1]);
    }
  }

  /** Keys that it sets. */
  Set<String> keys() {
    return settings.keySet();
  }

  /** Whether one recipe can have both: they agree on the keys that both set. */
  boolean meets(RecipeFeature other) {
    return settings.entrySet().stream()
        .allMatch(e -> e.getValue().equals(other.settings.getOrDefault(e.getKey(), e.getValue())));
  }

  /** The settings with all of these features. */
  static RecipeSettings applyTo(RecipeSettings base, Set<RecipeFeature> features) {
    List<String> assignments = new ArrayList<>();
    for (RecipeFeature feature : features) {
      feature.settings.forEach((key, value) -> assignments.add(key + "=" + value));
    }
    return base.set(assignments);
  }

  /**
   * Sets of features that meet, as few as a greedy search finds, so that any two which meet are
   * together in one of them.
   */
  static List<Set<RecipeFeature>> combinations() {
    Set<Set<RecipeFeature>> open = pairs();
    List<Set<RecipeFeature>> combinations = new ArrayList<>();
    while (!open.isEmpty()) {
      Set<RecipeFeature> combination = EnumSet.copyOf(open.iterator().next());
      while (true) {
        RecipeFeature best = null;
        long most = 0;
        for (RecipeFeature candidate : values()) {
          if (!combination.contains(candidate) && combination.stream().allMatch(candidate::meets)) {
            long news =
                combination.stream().filter(f -> open.contains(EnumSet.of(f, candidate))).count();
            if (news > most) {
              best = candidate;
              most = news;
            }
          }
        }
        if (best == null) {
          break;
        }
        combination.add(best);
      }
      open.removeIf(combination::containsAll);
      combinations.add(Collections.unmodifiableSet(combination));
    }
    return combinations;
  }

  /** All pairs that meet. */
  static Set<Set<RecipeFeature>> pairs() {
    Set<Set<RecipeFeature>> pairs = new LinkedHashSet<>();
    for (RecipeFeature a : values()) {
      Arrays.stream(values())
          .filter(b -> a.compareTo(b) < 0 && a.meets(b))
          .forEach(b -> pairs.add(EnumSet.of(a, b)));
    }
    return pairs;
  }
}
