package org.efficienttrain.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.training.loop.Plans;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A run that was stopped and resumed ends as one that never was, to the last bit, whatever its
 * recipe switches on. Every two features of {@link RecipeFeature} that can be in one recipe are in
 * one of the recipes here. Each is trained once, with a checkpoint after every step, and then
 * resumed from the checkpoint at a change of phase, and from one inside an epoch and a phase.
 */
class ResumptionTest {
  private static final int IMAGES = 43;
  private static final DatasetSplits DATA =
      new DatasetSplits(new StripesDataset(IMAGES, 16, 1), new StripesDataset(12, 16, 2));

  @TempDir Path folder;

  static List<Set<RecipeFeature>> combinations() {
    return RecipeFeature.combinations();
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void aResumedRunEndsAsOneThatNeverStopped(Set<RecipeFeature> features) throws IOException {
    Recipe recipe = recipe(features);
    Path whole = folder.resolve("whole");
    train(recipe, whole);

    TrainingPlan plan = Plans.plan(recipe, IMAGES, 1);
    Set<Long> stops = new TreeSet<>();
    for (long stop : stops(plan, new TreeSet<>(features).toString().hashCode())) {
      while (!Files.exists(whole.resolve("checkpoints").resolve("step-%010d".formatted(stop)))) {
        // A step that is skipped is not saved, and only in fp16 does the first one overflow.
        assertThat(features).as("features of a skipped step").contains(RecipeFeature.FP16);
        assertThat(stop++).isLessThan(plan.totalSteps());
      }
      stops.add(stop);
    }
    for (long stop : stops) {
      Path resumed = folder.resolve("from-" + stop);
      leaveAsStoppedAt(stop, whole, resumed);
      train(recipe, resumed);
      String what = "stopped at step " + stop + ", " + recipe.toMap();
      assertThat(MetricsLines.withoutClock(resumed))
          .as(what)
          .isEqualTo(MetricsLines.withoutClock(whole));
      assertThat(resumed.resolve("model.safetensors"))
          .as(what)
          .hasSameBinaryContentAs(whole.resolve("model.safetensors"));
      Path last = lastCheckpoint(whole);
      assertThat(
              resumed
                  .resolve("checkpoints")
                  .resolve(last.getFileName())
                  .resolve("optimizer.safetensors"))
          .as(what)
          .hasSameBinaryContentAs(last.resolve("optimizer.safetensors"));
    }
  }

  @Test
  void aSecondRunDoesNotWriteInTheSameFolder() {
    Recipe recipe = recipe(Set.of());
    Path out = folder.resolve("run");
    List<String> refused = new ArrayList<>();
    TrainingListener second =
        new TrainingListener() {
          @Override
          public void phaseStarted(int index, Phase phase) {
            try {
              train(recipe, out);
            } catch (UserError e) {
              refused.add(e.getMessage());
            }
          }
        };
    Training.run(recipe, DATA, RecipeTask.of(recipe, RunOptions.in(out)), List.of(second));
    assertThat(refused)
        .isNotEmpty()
        .containsOnly(
            "another process trains in %s: wait for its end, or choose another folder with --out"
                .formatted(out));
    train(recipe, out); // which has ended
  }

  private static Recipe recipe(Set<RecipeFeature> features) {
    RecipeSettings base =
        RecipeSettings.none()
            .with("model", "resnet20_cifar")
            .with("imageSize", 16)
            .with("bandwidthMultiple", 4)
            .with("epochs", 2)
            .with("batchSize", 8)
            .with("learningRate", 0.003)
            .with("warmupEpochs", 0.1)
            .with("curriculum", "efficienttrain")
            .with("precision", "fp32")
            .with("seed", 3);
    return RecipeFeature.applyTo(base, features).resolve(IMAGES);
  }

  /** Trains, or goes on, with a checkpoint and a line of metrics after every step. */
  private static void train(Recipe recipe, Path out) {
    RunOptions options =
        RunOptions.in(out)
            .withResume(true, false)
            .withWorkers(2)
            .withLogEvery(1)
            .withCheckpoints(0, 60);
    Training.run(recipe, DATA, RecipeTask.of(recipe, options), List.of());
  }

  /** The first step of a phase, and a step inside an epoch and a phase; seeded. */
  private static Set<Long> stops(TrainingPlan plan, long seed) {
    Random random = new Random(seed);
    List<Phase> phases = plan.phases();
    Set<Long> stops = new TreeSet<>();
    if (phases.size() > 1) {
      stops.add(phases.get(1 + random.nextInt(phases.size() - 1)).firstStep());
    }
    List<Long> inside = new ArrayList<>();
    for (long step = 1; step < plan.totalSteps(); step++) {
      if (plan.batchAt(step).first() > 0 && plan.phaseAt(step).firstStep() < step) {
        inside.add(step);
      }
    }
    assertThat(inside).as("steps inside an epoch and a phase").isNotEmpty();
    stops.add(inside.get(random.nextInt(inside.size())));
    return stops;
  }

  /** A copy of a run's folder as it was when the step's checkpoint had been written. */
  private static void leaveAsStoppedAt(long step, Path whole, Path copy) throws IOException {
    Path checkpoint = Path.of("checkpoints", "step-%010d".formatted(step));
    Files.createDirectories(copy.resolve(checkpoint));
    List<Path> files = new ArrayList<>(List.of(Path.of("recipe.yaml"), Path.of("metrics.jsonl")));
    try (Stream<Path> parts = Files.list(whole.resolve(checkpoint))) {
      parts.forEach(part -> files.add(checkpoint.resolve(part.getFileName())));
    }
    for (Path file : files) {
      Files.copy(whole.resolve(file), copy.resolve(file));
    }
  }

  private static Path lastCheckpoint(Path run) {
    try (Stream<Path> all = Files.list(run.resolve("checkpoints"))) {
      return all.max(Path::compareTo).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyKeyOfARecipeIsNamedByAFeatureOrHoldsNoState() {
    Set<String> named = new TreeSet<>(RecipeFeature.KEYS_WITHOUT_STATE.keySet());
    for (RecipeFeature feature : RecipeFeature.values()) {
      assertThat(feature.keys())
          .doesNotContainAnyElementsOf(RecipeFeature.KEYS_WITHOUT_STATE.keySet());
      named.addAll(feature.keys());
    }
    assertThat(named)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Recipe.class.getRecordComponents())
                .map(RecordComponent::getName)
                .toList());
  }

  @Test
  void everyTwoFeaturesThatMeetAreTogetherInOneRecipe() {
    List<Set<RecipeFeature>> combinations = RecipeFeature.combinations();
    for (Set<RecipeFeature> pair : RecipeFeature.pairs()) {
      assertThat(combinations).anyMatch(combination -> combination.containsAll(pair));
    }
    assertThat(combinations)
        .allSatisfy(c -> assertThat(c).allMatch(f -> c.stream().allMatch(f::meets)));
    assertThat(combinations).hasSizeLessThan(40);
  }
}
