package org.efficienttrain.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.KernelCache;
import org.efficienttrain.tensor.KernelChoices;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.report.Summary;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunKernelsTest {
  private static final DatasetSplits DATA =
      new DatasetSplits(new StripesDataset(64, 16, 1), new StripesDataset(32, 16, 2));

  @TempDir Path folder;

  @BeforeEach
  void ownCache() {
    System.setProperty("efficienttrain.cache", folder.resolve("cache").toString());
    System.setProperty("efficienttrain.kernels", "measured");
  }

  @AfterEach
  void restore() {
    System.clearProperty("efficienttrain.cache");
    System.clearProperty("efficienttrain.kernels");
    KernelChoices.NONE.use();
  }

  private static Recipe recipe() {
    return RecipeSettings.none()
        .with("model", "deit_tiny_cifar")
        .with("imageSize", 16)
        .with("epochs", 1)
        .with("batchSize", 16)
        .with("curriculum", "efficienttrain")
        .with("precision", "fp32")
        .resolve(DATA.train().size());
  }

  private Summary run(boolean resume) {
    RunOptions options = RunOptions.in(folder.resolve("run")).withResume(resume, false);
    return Training.run(recipe(), DATA, options, List.of());
  }

  private Path cacheFile() {
    return new KernelCache(folder.resolve("cache")).file();
  }

  @Test
  void aResumedRunKeepsTheChoicesItBeganWith() throws IOException {
    Map<String, String> chosen = run(false).kernels();
    assertThat(chosen).isNotEmpty().isEqualTo(KernelChoices.active().toMap());
    assertThat(chosen.keySet()).anyMatch(k -> k.startsWith("linear ")).allMatch(this::isFloat32);
    assertThat(new ObjectMapper().readTree(state().toFile()).at("/state/kernels").size())
        .isEqualTo(chosen.size());
    JsonNode summary = new ObjectMapper().readTree(folder.resolve("run/summary.json").toFile());
    assertThat(summary.get("kernels").size()).isEqualTo(chosen.size());

    // As if this processor had turned out otherwise meanwhile.
    String other =
        Files.readString(cacheFile())
            .replace("\tconvolution", "\tturned")
            .replace("\tproduct", "\tconvolution")
            .replace("\tmixed", "\tproduct")
            .replace("\tturned", "\tproduct");
    Files.writeString(cacheFile(), other);
    assertThat(run(true).kernels()).isEqualTo(chosen);
  }

  private boolean isFloat32(String shape) {
    return shape.endsWith(" " + DType.FLOAT32.name().toLowerCase(Locale.ROOT));
  }

  private Path state() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("run/checkpoints"))) {
      return files.filter(p -> p.endsWith("state.json")).findFirst().orElseThrow();
    }
  }

  @Test
  void aDryRunShowsThem() {
    String text = Training.dryRun(recipe(), DATA, RunOptions.in(folder)).toText();
    assertThat(text).containsPattern("(?m)^kernels: .*linear: \\d+ \\w+");
  }
}
