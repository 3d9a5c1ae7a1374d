package org.efficienttrain.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.efficienttrain.images.augment.LowFrequency;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.io.WeightFile;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.report.EvaluationReport;
import org.efficienttrain.training.report.Summary;
import org.efficienttrain.training.report.TrainingListener;
import org.efficienttrain.training.run.DryRun;
import org.efficienttrain.training.task.ModelMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs of a small network on made-up images. */
class TrainingTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private static final DatasetSplits DATA =
      new DatasetSplits(new StripesDataset(192, 16, 1), new StripesDataset(64, 16, 2));

  private static RecipeSettings settings() {
    return RecipeSettings.none()
        .with("model", "resnet20_cifar")
        .with("imageSize", 16)
        .with("epochs", 4)
        .with("batchSize", 16)
        .with("learningRate", 0.05)
        .with("curriculum", "efficienttrain")
        .with("precision", "fp32")
        .with("seed", 3);
  }

  private static Recipe recipe(RecipeSettings settings) {
    return settings.resolve(DATA.train().size());
  }

  private Summary run(Recipe recipe, String out, TrainingListener... listeners) {
    RunOptions options = RunOptions.in(folder.resolve(out)).withLogEvery(5);
    return Training.run(recipe, DATA, options, List.of(listeners));
  }

  private List<JsonNode> metrics(String out) throws IOException {
    return MetricsLines.of(folder.resolve(out));
  }

  @Test
  void learnsWithTheCurriculumAndLeavesItsFiles() throws IOException {
    Summary summary = run(recipe(settings()), "a");

    assertThat(summary.accuracy()).isGreaterThan(0.9);
    assertThat(summary.work().steps()).isEqualTo(48);
    assertThat(summary.work().imagesSeen()).isEqualTo(48 * 16);
    assertThat(summary.stages()).extracting(Summary.StageResult::bandwidth).contains(12, 16);
    assertThat(summary.equivalentEpochs()).isBetween(2.4, 3.4);
    assertThat(summary.validationImages()).isEqualTo(64);
    JsonNode json = JSON.readTree(folder.resolve("a/summary.json").toFile());
    assertThat(json.get("accuracy").asDouble()).isEqualTo(summary.accuracy());
    try (WeightFile file = WeightFile.open(folder.resolve("a/model.safetensors"))) {
      ModelMetadata metadata = ModelMetadata.read(file.metadata());
      assertThat(metadata.model()).isEqualTo("resnet20_cifar");
      assertThat(metadata.classes()).containsExactly("lying", "standing", "slanting");
      assertThat(metadata.imageSize()).isEqualTo(16);
    }
    List<JsonNode> lines = metrics("a");
    assertThat(lines).filteredOn(l -> l.get("kind").asText().equals("evaluation")).hasSize(4);
    JsonNode first = lines.get(0);
    assertThat(first.get("step").asInt()).isEqualTo(5);
    assertThat(first.get("bandwidth").asInt()).isEqualTo(12);
    assertThat(first.get("magnitude").asDouble()).isEqualTo(1);
  }

  @Test
  void theSameSeedGivesTheSameLossesWhateverTheWorkers() throws IOException {
    Recipe recipe = recipe(settings().with("epochs", 1).with("mixup", 0.8).with("erasing", 0.5));
    for (int workers : new int[] {1, 3}) {
      RunOptions options =
          RunOptions.in(folder.resolve("w" + workers)).withLogEvery(1).withWorkers(workers);
      Training.run(recipe, DATA, options, List.of());
    }
    Recipe other = recipe(settings().with("epochs", 1).with("seed", 4));
    run(other, "other");

    assertThat(losses("w1")).isEqualTo(losses("w3"));
    assertThat(losses("w1")).doesNotContainAnyElementsOf(losses("other"));
  }

  private List<Double> losses(String out) throws IOException {
    return metrics(out).stream().map(l -> l.get("loss").asDouble()).toList();
  }

  @ParameterizedTest
  @EnumSource(LowFrequency.class)
  void learnsWhereverTheHighFrequenciesGo(LowFrequency crop) {
    Summary summary = run(recipe(settings().with("crop", crop.name())), crop.name());

    assertThat(summary.accuracy()).isGreaterThan(0.9);
  }

  @Test
  void accumulationGivesTheGradientOfTheWholeBatch() throws IOException {
    // Without batch statistics the parts of a batch sum to the whole.
    RecipeSettings whole =
        settings()
            .with("model", "deit_tiny_cifar")
            .with("optimizer", "sgd")
            .with("learningRate", 0.01)
            .with("epochs", 1)
            .with("curriculum", "none")
            .with("evaluateEvery", 0);
    DatasetSplits data =
        new DatasetSplits(new StripesDataset(48, 16, 1), new StripesDataset(6, 16, 2));
    for (int part : new int[] {16, 4}) {
      Recipe recipe = whole.with("microBatch", part).resolve(48);
      RunOptions options = RunOptions.in(folder.resolve("part" + part)).withLogEvery(1);
      Training.run(recipe, data, options, List.of());
    }

    List<Double> expected = losses("part16");
    List<Double> actual = losses("part4");
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).isCloseTo(expected.get(i), Offset.offset(1e-4));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "earlyLargeBatch=2 curriculum=compute,8:0.5,16:0.5",
        "curriculum=efficienttrain++ crop=lanczos erasing=0.5",
        "repeats=2",
        "replayTimes=2 replayImages=64",
        "precision=bf16",
        "precision=fp16",
        "optimizer=lamb",
        "optimizer=adamw layerDecay=0.7 learningRate=0.003",
        "threeAugment=true colorJitter=0.3",
        "channelsLast=false cutmix=1 labelSmoothing=0.1 randAugment=true trainingCrop=resized"
      })
  void everyKindOfRecipeLearns(String assignments) {
    List<String> assigned =
        Arrays.stream(assignments.split(" ")).map(a -> a.replace("compute,", "compute ")).toList();
    Summary summary = run(recipe(settings().with("epochs", 3).set(assigned)), "kind");

    assertThat(summary.result().best()).isGreaterThan(0.5);
    assertThat(summary.equivalentEpochs()).isBetween(1.0, 3.3);
  }

  @Test
  void averagedWeightsAreEvaluatedAndSaved() {
    List<EvaluationReport> reports = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void evaluated(EvaluationReport report) {
            reports.add(report);
          }
        };
    Summary summary = run(recipe(settings().with("emaDecay", 0.9)), "ema", listener);

    EvaluationReport last = reports.get(reports.size() - 1);
    assertThat(last.averaged().value("loss")).isNotEqualTo(last.result().value("loss"));
    assertThat(summary.accuracy()).isEqualTo(last.averaged().main().value());
    assertThat(summary.result().raw().main().value()).isEqualTo(last.result().main().value());
  }

  @Test
  void aFolderThatHoldsARunIsRefusedUnlessResumed() {
    Recipe recipe = recipe(settings().with("epochs", 1));
    Summary first = run(recipe, "once");

    assertThatThrownBy(() -> run(recipe, "once"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("holds a run already")
        .hasMessageContaining("--resume");
    RunOptions again = RunOptions.in(folder.resolve("once")).withResume(true, false);
    Summary second = Training.run(recipe, DATA, again, List.of());
    assertThat(second.accuracy()).isEqualTo(first.accuracy());
    assertThat(second.trainingSeconds()).isEqualTo(first.trainingSeconds());

    Recipe changed = recipe(settings().with("epochs", 1).with("learningRate", 0.01));
    assertThatThrownBy(() -> Training.run(changed, DATA, again, List.of()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("learningRate was 0.05 and is 0.01")
        .hasMessageContaining("--force");
    Training.run(changed, DATA, again.withResume(true, true), List.of());
  }

  @Test
  void aLossThatIsNotFiniteStopsTheRun() {
    Recipe recipe =
        recipe(
            settings()
                .with("learningRate", 1000)
                .with("clipNorm", 0)
                .with("epochs", 40)
                .with("model", "deit_tiny_cifar")
                .with("maxSkippedSteps", 2));
    assertThatThrownBy(() -> run(recipe, "diverges"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("have not been finite for 3 steps in a row")
        .hasMessageContaining("learningRate");
  }

  @Test
  void aDryRunSaysWhatARunWouldBeAndLeavesNothing() {
    Recipe recipe = recipe(settings());
    RunOptions options = RunOptions.in(folder.resolve("dry"));
    DryRun dryRun = Training.dryRun(recipe, DATA, options);

    assertThat(dryRun.plan().totalSteps()).isEqualTo(48);
    assertThat(dryRun.phases()).hasSameSizeAs(dryRun.plan().phases());
    assertThat(dryRun.seconds()).isPositive();
    assertThat(dryRun.toText()).contains("48 steps", "equivalent epochs", "images/s");
    assertThat(folder.resolve("dry")).doesNotExist();
  }

  @Test
  void aDryRunOfSeveralRanksSharesEveryBatch() {
    Recipe recipe = recipe(settings());
    RunOptions options = RunOptions.in(folder.resolve("dry"));
    DryRun dryRun = Training.dryRun(recipe, DATA, options, 2, 2);

    assertThat(dryRun.plan().totalSteps()).isEqualTo(48);
    assertThat(dryRun.plan().phases())
        .allSatisfy(
            p -> assertThat(2 * p.microBatch() * p.accumulation()).isEqualTo(p.batchSize()));
    assertThat(dryRun.toText()).contains("2 ranks", "48 steps").doesNotContain("16x1 ");
    assertThatThrownBy(() -> Training.dryRun(recipe, DATA, options, 7, 7))
        .hasMessageContaining("cannot be split over 7 ranks");
  }

  @Test
  void aRunCanStartFromTheWeightsOfAnother() {
    run(recipe(settings().with("epochs", 2)), "before");
    Path weights = folder.resolve("before/model.safetensors");
    Recipe gentle = recipe(settings().with("epochs", 1).with("learningRate", 1e-9));
    double chance = run(gentle, "fromChance").accuracy();
    RunOptions options = RunOptions.in(folder.resolve("after")).withWeights(weights);

    assertThat(Training.run(gentle, DATA, options, List.of()).accuracy()).isGreaterThan(chance);
  }

  @Test
  void aFolderThatCannotBeWrittenIsFoundAtStart() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    RunOptions options = RunOptions.in(file.resolve("out")).withDevice(Device.CPU);
    assertThatThrownBy(() -> Training.run(recipe(settings()), DATA, options, List.of()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("cannot write in the output folder");
  }
}
