package org.efficienttrain.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.training.loop.Plans;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.run.Branch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that goes on from another one's state ends as one that took all steps itself. */
class BranchTest {
  private static final int IMAGES = 43;
  private static final DatasetSplits DATA = StripesData.splits(IMAGES, 12, 16);

  @TempDir Path folder;

  private static Recipe recipe(String settings) {
    return RecipeSettings.none()
        .with("model", "resnet20_cifar")
        .with("imageSize", 16)
        .with("bandwidthMultiple", 4)
        .with("epochs", 3)
        .with("batchSize", 8)
        .with("emaDecay", 0.8)
        .with("evaluateEvery", 0)
        .with("seed", 3)
        .set(List.of(settings.split(";")))
        .resolve(IMAGES);
  }

  private RunOptions options(String name) {
    return RunOptions.in(folder.resolve(name))
        .withResume(true, false)
        .withWorkers(2)
        .withLogEvery(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "precision=fp32",
        "precision=bf16;optimizer=adamw",
        "precision=fp32;mixup=0.8;microBatch=4",
        "precision=fp32;replayTimes=3;replayImages=12"
      })
  void aSliceOfASearchGoesOnFromWhatTheSlicesBeforeItLeft(String settings) throws Exception {
    Recipe base = recipe(settings);
    Recipe first =
        base.with(
            Map.of(
                "curriculum", "compute 8:0.25@0,16:0.25@3,16:0.25@6,16:0.25@9",
                "cutAt", 0.25,
                "cutAnnealing", 0.1));
    Recipe second =
        base.with(
            Map.of(
                "curriculum", "compute 8:0.25@0,12:0.25@3,16:0.25@6,16:0.25@9",
                "cutAt", 0.5,
                "cutAnnealing", 0.1));
    compare(first, second, Plans.plan(first, IMAGES, 1).cutStep());
  }

  /** Both runs have the same bandwidths, so that their linear layers compute alike. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "precision=fp32",
        "precision=fp32;model=deit_tiny_cifar;dropPath=0.3;mixup=0.8;microBatch=4",
        "precision=fp32;replayTimes=2;replayImages=12"
      })
  void aStageOfTheGreedySearchGoesOnFromTheStageBefore(String settings) throws Exception {
    Recipe base = recipe(settings);
    Recipe first = base.with("curriculum", "epochs 8:0.25@1,8:0.25@3,12:0.25@7,16:0.25@9");
    Recipe second = base.with("curriculum", "epochs 8:0.25@1,12:0.25@3,12:0.25@7,16:0.25@9");
    compare(first, second, Plans.plan(first, IMAGES, 1).stageEnds().get(0));
  }

  /** Neighbours that show the same are one phase, whose replayed images the branch has to find. */
  @Test
  void aBranchWithinAPhaseReplaysTheSameImages() throws Exception {
    Recipe base = recipe("precision=fp32;replayTimes=3;replayImages=12");
    Recipe first = base.with("curriculum", "epochs 8:0.25@5,8:0.25@5,8:0.25@5,16:0.25@9");
    Recipe second = base.with("curriculum", "epochs 8:0.25@5,8:0.25@5,12:0.25@7,16:0.25@9");
    compare(first, second, Plans.plan(first, IMAGES, 1).stageEnds().get(0));
  }

  private void compare(Recipe first, Recipe second, long step) throws Exception {
    Training.run(first, DATA, options("first").withKeptSteps(List.of(step)), List.of());
    Training.run(second, DATA, options("whole"), List.of());
    RunOptions branched = options("branched");
    Branch.begin(folder.resolve("first"), step, Job.alone(second, DATA, branched));
    TrainingPlan plan = Plans.plan(second, IMAGES, 1);
    assertThat(step).isBetween(1L, plan.totalSteps() - 1);
    Training.run(second, DATA, branched, List.of());

    assertThat(MetricsLines.withoutClock(folder.resolve("branched")))
        .isEqualTo(MetricsLines.withoutClock(folder.resolve("whole")));
    assertThat(folder.resolve("branched/recipe.yaml"))
        .hasSameTextualContentAs(folder.resolve("whole/recipe.yaml"));
    String last = "checkpoints/step-%010d/".formatted(plan.totalSteps());
    for (String file :
        List.of(
            "model.safetensors",
            last + "weights.safetensors",
            last + "averaged.safetensors",
            last + "optimizer.safetensors")) {
      assertThat(folder.resolve("branched").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("whole").resolve(file));
    }
  }

  @Test
  void refusesToGoOnFromAnotherRun() {
    Recipe first = recipe("precision=fp32").with("curriculum", "epochs 8:0.5@1,16:0.5@9");
    long step = Plans.plan(first, IMAGES, 1).stageEnds().get(0);
    Training.run(first, DATA, options("first").withKeptSteps(List.of(step)), List.of());
    Path from = folder.resolve("first");

    Recipe other = first.with("curriculum", "epochs 12:0.5@1,16:0.5@9");
    assertThatThrownBy(() -> Branch.begin(from, step, Job.alone(other, DATA, options("a"))))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("their curricula differ");
    Recipe slower = first.with("learningRate", 0.001);
    assertThatThrownBy(() -> Branch.begin(from, step, Job.alone(slower, DATA, options("b"))))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("learningRate");
    assertThatThrownBy(() -> Branch.begin(from, step + 1, Job.alone(first, DATA, options("c"))))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no sound checkpoint of step " + (step + 1));
    assertThat(Files.exists(folder.resolve("a/checkpoints"))).isFalse();
  }
}
