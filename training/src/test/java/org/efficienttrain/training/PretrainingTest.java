package org.efficienttrain.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.Mae;
import org.efficienttrain.models.PretrainedWeights;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.io.WeightFile;
import org.efficienttrain.tensor.io.Weights;
import org.efficienttrain.training.pretrain.MaskedAutoencoding;
import org.efficienttrain.training.pretrain.MaskedAutoencoding.Watch;
import org.efficienttrain.training.recipe.FineTuning;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.report.Summary;
import org.efficienttrain.training.report.TrainingListener;
import org.efficienttrain.training.task.Classification;
import org.efficienttrain.training.task.LinearProbe;
import org.efficienttrain.training.task.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole runs of a small masked autoencoder on made-up images, and what follows it. */
class PretrainingTest {
  private static final DatasetSplits DATA =
      new DatasetSplits(new StripesDataset(96, 16, 1), new StripesDataset(33, 16, 2));

  @TempDir Path folder;

  private static RecipeSettings settings() {
    return RecipeSettings.none()
        .with("model", "mae_vit_tiny_cifar")
        .with("imageSize", 16)
        .with("epochs", 3)
        .with("batchSize", 16)
        .with("curriculum", "efficienttrain")
        .with("precision", "fp32")
        .with("evaluateEvery", 1)
        .with("seed", 3);
  }

  private Summary run(Recipe recipe, String out, Task.Factory task, TrainingListener... told) {
    RunOptions options = RunOptions.in(folder.resolve(out)).withLogEvery(1).withTask(task);
    return Training.run(recipe, DATA, options, List.of(told));
  }

  private List<JsonNode> metrics(String out, String kind) throws IOException {
    return MetricsLines.of(folder.resolve(out), kind);
  }

  /** The same images without their labels. */
  private static DatasetSplits unlabelled() {
    return new DatasetSplits(without(DATA.train()), without(DATA.validation()));
  }

  private static ImageDataset without(ImageDataset labelled) {
    return new ImageDataset() {
      @Override
      public int size() {
        return labelled.size();
      }

      @Override
      public int label(int index) {
        return -1;
      }

      @Override
      public String name(int index) {
        return labelled.name(index);
      }

      @Override
      public byte[] read(int index) {
        return labelled.read(index);
      }

      @Override
      public List<String> classes() {
        return List.of();
      }

      @Override
      public String fingerprint() {
        return "unlabelled " + labelled.fingerprint();
      }
    };
  }

  @ParameterizedTest
  @EnumSource(Mae.Target.class)
  void learnsToPredictWhatIsHidden(Mae.Target target) throws IOException {
    String out = target.name();
    Path picture = folder.resolve(out).resolve("reconstruction.png");
    Summary summary =
        run(
            settings().with("target", target.name()).resolve(96),
            out,
            MaskedAutoencoding.watched(new Watch(picture, DATA.train())));

    List<JsonNode> evaluations = metrics(out, "evaluation");
    assertThat(evaluations).hasSize(3);
    int bandwidth = evaluations.get(2).get("bandwidth").asInt();
    double first = // losses at two bandwidths do not compare: another picture is hidden
        evaluations.stream()
            .filter(e -> e.get("bandwidth").asInt() == bandwidth)
            .mapToDouble(e -> e.get("loss").asDouble())
            .findFirst()
            .orElseThrow();
    double last = evaluations.get(2).get("loss").asDouble();
    assertThat(last).isLessThan(first);
    assertThat(summary.result().counting().main().value()).isEqualTo(last);
    assertThat(summary.result().counting().main().higherIsBetter()).isFalse();
    assertThat(evaluations.get(2).get("knnAccuracy").asDouble()).isBetween(0.4, 1.0);
    assertThat(summary.stages()).extracting(Summary.StageResult::bandwidth).contains(12, 16);
    BufferedImage image = ImageIO.read(picture.toFile());
    // Eight rows of three tiles, each the least size that is a multiple of the image's.
    assertThat(image.getWidth()).isEqualTo(3 * (160 + 4) + 4);
    assertThat(image.getHeight()).isEqualTo(8 * (160 + 4) + 4);
  }

  @Test
  void labelsAreNotNeededAndChangeNothing() throws IOException {
    Recipe recipe = settings().with("epochs", 1).resolve(96);
    run(recipe, "with", MaskedAutoencoding.watched(Watch.NOTHING));
    RunOptions options =
        RunOptions.in(folder.resolve("without"))
            .withLogEvery(1)
            .withTask(MaskedAutoencoding.watched(Watch.NOTHING));
    Training.run(recipe, unlabelled(), options, List.of());

    assertThat(losses("without")).isEqualTo(losses("with")).hasSize(6);
    assertThat(metrics("without", "evaluation").get(0).has("knnAccuracy")).isFalse();
    RunOptions classify = RunOptions.in(folder.resolve("classify"));
    Recipe backbone = settings().with("model", "deit_tiny_cifar").resolve(96);
    assertThatThrownBy(() -> Training.run(backbone, unlabelled(), classify, List.of()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("0 classes");
  }

  private List<Double> losses(String out) throws IOException {
    return metrics(out, "step").stream().map(l -> l.get("loss").asDouble()).toList();
  }

  @Test
  void refusesWhatCannotBe() {
    for (String ratio : List.of("0", "1", "1.5", "-0.1")) {
      assertThatThrownBy(() -> settings().set(List.of("maskRatio=" + ratio)).resolve(96))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("maskRatio")
          .hasMessageMatching(".*(between 0 and 1|from 0 to 1).*");
    }
    assertThatThrownBy(() -> settings().with("imageSize", 18).resolve(96))
        .hasMessageContaining("18 is not a multiple of");
    Recipe backbone = settings().with("model", "resnet20_cifar").resolve(96);
    assertThatThrownBy(() -> run(backbone, "backbone", MaskedAutoencoding.watched(Watch.NOTHING)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("resnet20_cifar is no masked autoencoder");
  }

  private Path pretrained(String model) {
    Recipe recipe = settings().with("model", model).with("epochs", 1).resolve(96);
    boolean masked = model.startsWith("mae_");
    run(recipe, model, masked ? MaskedAutoencoding.watched(Watch.NOTHING) : Classification::new);
    return folder.resolve(model).resolve("model.safetensors");
  }

  private Summary finetune(Recipe recipe, String out, Path weights, Task.Factory task) {
    RunOptions options =
        RunOptions.in(folder.resolve(out)).withLogEvery(1).withTask(task).withWeights(weights);
    return Training.run(recipe, DATA, options, List.of());
  }

  /** The frozen network stays what it was, to the bit, also one that counts batches. */
  @ParameterizedTest
  @CsvSource({"mae_vit_tiny_cifar, deit_tiny_cifar", "resnet20_cifar, resnet20_cifar"})
  void aProbeTrainsTheHeadAlone(String source, String model) throws IOException {
    Path weights = pretrained(source);
    Recipe recipe =
        FineTuning.fill(
                settings()
                    .with("trained", "head")
                    .with("model", model)
                    .with("curriculum", "none")
                    .with("epochs", 20),
                96,
                true)
            .resolve(96);
    Summary summary = finetune(recipe, "probe", weights, LinearProbe::new);

    assertThat(recipe.optimizer()).isEqualTo(Recipe.Rule.SGD);
    assertThat(summary.accuracy()).isGreaterThan(0.4);
    Backbone probe = Backbones.create(model, 3, 16);
    Path file = folder.resolve("probe/model.safetensors");
    try (WeightFile trained = WeightFile.open(file)) {
      assertThat(PretrainedWeights.load(probe, trained, false)).isEmpty();
    }
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> before = Weights.read(weights);
      probe
          .state()
          .forEach(
              (name, t) -> {
                if (name.startsWith("head_norm.")) {
                  assertThat(t.isClosed()).isFalse();
                } else if (!probe.headNames().contains(name)) {
                  assertThat(t.bitEquals(before.get(name))).as(name).isTrue();
                }
              });
      assertThat(probe.headNorm().runningVar.sub(1).abs().sum().item()).isPositive();
    }
    probe.close();
  }

  /** FixRes: at a larger size the head and the norms learn, and nothing else. */
  @ParameterizedTest
  @CsvSource({"deit_tiny_cifar", "resnet20_cifar", "convnext_tiny_cifar"})
  void headAndNormsLearnAlone(String model) {
    Path weights = pretrained(model);
    Recipe recipe =
        FineTuning.fill(
                settings()
                    .with("trained", "head_and_norms")
                    .with("model", model)
                    .with("imageSize", 32)
                    .with("epochs", 1),
                96,
                true)
            .resolve(96);
    finetune(recipe, "norms", weights, Classification::new);

    try (Scope scope = Scope.open()) {
      Map<String, Tensor> before = Weights.read(weights);
      Map<String, Tensor> after = Weights.read(folder.resolve("norms/model.safetensors"));
      int norms = 0;
      int still = 0;
      for (Map.Entry<String, Tensor> e : after.entrySet()) {
        String name = e.getKey();
        Tensor old = before.get(name);
        if (old == null || old.dim() != e.getValue().dim() || name.contains("pos_embed")) {
          continue;
        }
        boolean same = e.getValue().bitEquals(old);
        if (e.getValue().dim() >= 2 && !name.startsWith("head") && !name.startsWith("fc")) {
          assertThat(same).as(name).isTrue();
          still++;
        } else if (name.contains("norm") && name.endsWith("weight")) {
          assertThat(same).as(name).isFalse();
          norms++;
        }
      }
      assertThat(still).isGreaterThan(10);
      assertThat(norms + (model.startsWith("resnet") ? 1 : 0)).isPositive();
    }
  }

  /** As many classes with other names are other classes. */
  @Test
  void aHeadForOtherClassesStartsAnew() throws IOException {
    Path weights = pretrained("deit_tiny_cifar");
    List<String> notes = new ArrayList<>();
    TrainingListener listen =
        new TrainingListener() {
          @Override
          public void warned(String message) {
            notes.add(message);
          }
        };
    Path renamed = folder.resolve("renamed.safetensors");
    try (Scope scope = Scope.open();
        WeightFile file = WeightFile.open(weights)) {
      Map<String, String> metadata = new java.util.HashMap<>(file.metadata());
      metadata.put("classes", "[\"cat\", \"dog\", \"owl\"]");
      Weights.write(renamed, Weights.read(weights), metadata);
    }
    Recipe recipe =
        FineTuning.fill(settings().with("model", "deit_tiny_cifar").with("epochs", 1), 96, true)
            .resolve(96);
    RunOptions options = RunOptions.in(folder.resolve("tuned")).withWeights(renamed);
    Training.run(recipe, DATA, options, List.of(listen));

    assertThat(notes).anyMatch(note -> note.contains("its 3 classes have other names"));
  }
}
