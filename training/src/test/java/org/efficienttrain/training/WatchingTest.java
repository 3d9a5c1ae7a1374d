package org.efficienttrain.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.images.pixel.ImageDecoder;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.report.SampleReport;
import org.efficienttrain.training.report.StepReport;
import org.efficienttrain.training.report.Summary;
import org.efficienttrain.training.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run tells those who watch it, and what it leaves to be looked at. */
class WatchingTest {
  private static final DatasetSplits DATA =
      new DatasetSplits(new StripesDataset(96, 16, 1), new StripesDataset(32, 16, 2));

  @TempDir Path folder;

  private static Recipe recipe(RecipeSettings settings) {
    return settings.resolve(DATA.train().size());
  }

  private static RecipeSettings settings() {
    return RecipeSettings.none()
        .with("model", "resnet20_cifar")
        .with("imageSize", 16)
        .with("epochs", 2)
        .with("batchSize", 16)
        .with("learningRate", 0.05)
        .with("curriculum", "efficienttrain")
        .with("precision", "fp32")
        .with("mixup", 0.8)
        .with("erasing", 0.5)
        .with("seed", 3);
  }

  private Summary run(Recipe recipe, String out, TrainingListener... listeners) {
    return Training.run(
        recipe, DATA, RunOptions.in(folder.resolve(out)).withLogEvery(1), List.of(listeners));
  }

  private static final class Recorder implements TrainingListener {
    private final List<String> events = new ArrayList<>();
    private final List<SampleReport> samples = new ArrayList<>();
    private TrainingPlan plan;

    @Override
    public void started(Recipe recipe, TrainingPlan plan, long firstStep) {
      this.plan = plan;
      events.add("started " + firstStep);
    }

    @Override
    public void phaseStarted(int number, Phase phase) {
      events.add("phase " + number + " " + phase.bandwidth());
    }

    @Override
    public void samples(SampleReport report) {
      samples.add(report);
    }

    @Override
    public void warned(String message) {
      events.add(message);
    }

    @Override
    public void stopped(long step) {
      events.add("stopped " + step);
    }

    @Override
    public void failed(String message) {
      events.add("failed " + message);
    }

    @Override
    public void finished(Summary summary) {
      events.add("finished");
    }
  }

  @Test
  void tellsPhasesAndWhatTheNetworkSees() {
    Recorder recorder = new Recorder();
    run(recipe(settings()), "a", recorder);

    List<Phase> phases = recorder.plan.phases();
    List<String> expected = new ArrayList<>(List.of("started 0"));
    for (int i = 0; i < phases.size(); i++) {
      expected.add("phase " + i + " " + phases.get(i).bandwidth());
    }
    expected.add("finished");
    assertThat(recorder.events).isEqualTo(expected);
    assertThat(recorder.samples.size()).isGreaterThanOrEqualTo(phases.size());
    for (Phase phase : phases) {
      SampleReport first =
          recorder.samples.stream()
              .filter(s -> s.step() == phase.firstStep() + 1)
              .findFirst()
              .orElseThrow();
      assertThat(first.bandwidth()).isEqualTo(phase.bandwidth());
      assertThat(first.images()).hasSize(16).allMatch(i -> i.width() == phase.bandwidth());
    }
  }

  @Test
  void whoLooksOnChangesNoBit() throws IOException {
    Recipe recipe = recipe(settings());
    Recorder recorder = new Recorder();
    run(recipe, "a", recorder);
    run(recipe, "b");
    assertThat(losses("a")).isEqualTo(losses("b")).isNotEmpty();
  }

  private List<String> losses(String out) throws IOException {
    return Files.readAllLines(folder.resolve(out).resolve("metrics.jsonl")).stream()
        .map(l -> l.replaceAll(".*\"loss\":([^,]+),.*", "$1"))
        .toList();
  }

  @Test
  void aListenerThatThrowsCostsAWarning() {
    Recorder recorder = new Recorder();
    TrainingListener broken =
        new TrainingListener() {
          @Override
          public void stepped(StepReport report) {
            throw new IllegalStateException("no network");
          }
        };
    run(recipe(settings()), "a", broken, recorder);
    assertThat(recorder.events).filteredOn(e -> e.contains("no network")).hasSize(1);
    assertThat(recorder.events).contains("finished");
  }

  @Test
  void leavesACardAndPicturesOfTheStages() throws IOException {
    run(recipe(settings()), "a");
    JsonNode card = new ObjectMapper().readTree(folder.resolve("a/run.json").toFile());
    assertThat(card.path("ended").path("how").asText()).isEqualTo("finished");
    assertThat(card.path("plan").path("totalSteps").asInt()).isEqualTo(12);
    assertThat(card.path("data").path("classes")).hasSize(3);
    assertThat(card.path("process").path("pid").asLong()).isEqualTo(ProcessHandle.current().pid());
    List<String> names;
    try (var files = Files.list(folder.resolve("a/samples"))) {
      names = files.map(f -> f.getFileName().toString()).sorted().toList();
    }
    int phases = card.path("plan").path("phases").size();
    assertThat(names).hasSize(phases + 1); // each stage, and the newest batch
    assertThat(names).contains("stage-001-b12-m1.png").last().asString().startsWith("stage-");
    Image stage =
        new ImageDecoder()
            .decode(Files.readAllBytes(folder.resolve("a/samples/stage-001-b12-m1.png")));
    assertThat(stage.width()).isEqualTo(4 * 12 + 3 * 2); // eight images on rows of four
    assertThat(stage.height()).isEqualTo(2 * 12 + 2);
  }

  @Test
  void aRunThatFailsSaysSo() throws IOException {
    Recorder recorder = new Recorder();
    Recipe recipe =
        recipe(
            settings()
                .with("learningRate", 1000)
                .with("clipNorm", 0)
                .with("epochs", 40)
                .with("model", "deit_tiny_cifar")
                .with("maxSkippedSteps", 2));
    assertThatThrownBy(() -> run(recipe, "a", recorder)).isInstanceOf(UserError.class);
    assertThat(recorder.events.get(recorder.events.size() - 1)).startsWith("failed loss or");
    JsonNode card = new ObjectMapper().readTree(folder.resolve("a/run.json").toFile());
    assertThat(card.path("ended").path("how").asText()).isEqualTo("failed");
  }
}
