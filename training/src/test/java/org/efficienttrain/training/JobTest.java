package org.efficienttrain.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Precision;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobTest {
  private static final DatasetSplits DATA =
      new DatasetSplits(new StripesDataset(16, 16, 1), new StripesDataset(16, 16, 2));

  private static Recipe recipe(Precision precision) {
    return RecipeSettings.none()
        .with("model", "resnet20_cifar")
        .with("precision", precision)
        .resolve(16);
  }

  private static Precision settled(Precision asked, Collective ranks) {
    RunOptions options = RunOptions.in(Path.of("out")).withDevice(Device.CPU);
    return new Job(recipe(asked), DATA, options, ranks).recipe().precision();
  }

  @Test
  void whatIsLeftToTheDeviceIsSettled() {
    assertThat(settled(Precision.AUTO, Collective.single()))
        .isEqualTo(Precision.AUTO.on(Device.CPU))
        .isNotEqualTo(Precision.AUTO);
    assertThat(settled(Precision.FP16, Collective.single())).isEqualTo(Precision.FP16);
  }

  @Test
  void theDeviceOfRank0DecidesForAll() {
    assertThat(settled(Precision.AUTO, rank1Of("FP16"))).isEqualTo(Precision.FP16);
    assertThat(settled(Precision.AUTO, rank1Of("BF16"))).isEqualTo(Precision.BF16);
    // Asked for otherwise than on rank 0: kept, and refused where the ranks compare recipes.
    assertThat(settled(Precision.FP32, rank1Of("BF16"))).isEqualTo(Precision.FP32);
  }

  @Test
  void aRunThatGoesOnKeepsItsPrecisionUnlessAnotherIsAskedFor(@TempDir Path folder)
      throws IOException {
    RunOptions options = RunOptions.in(folder).withResume(true, false);
    Path file = folder.resolve("recipe.yaml");
    Files.writeString(file, "precision: \"FP16\"\n");
    assertThat(Job.alone(recipe(Precision.AUTO), DATA, options).recipe().precision())
        .isEqualTo(Precision.FP16);
    assertThat(Job.alone(recipe(Precision.FP32), DATA, options).recipe().precision())
        .isEqualTo(Precision.FP32);
    Files.writeString(file, "no: recipe\n");
    assertThat(Job.alone(recipe(Precision.AUTO), DATA, options).recipe().precision())
        .isEqualTo(Precision.AUTO.on(Device.CPU));
  }

  private static Collective rank1Of(String first) {
    return (Collective)
        Proxy.newProxyInstance(
            JobTest.class.getClassLoader(),
            new Class<?>[] {Collective.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "worldSize" -> 2;
                  case "rank" -> 1;
                  case "broadcast" -> first.getBytes(StandardCharsets.UTF_8);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
