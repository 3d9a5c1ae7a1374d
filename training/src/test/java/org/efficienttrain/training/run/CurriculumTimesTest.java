package org.efficienttrain.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.StripesData;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.junit.jupiter.api.Test;

class CurriculumTimesTest {
  private static CurriculumTimes measure(String trainingCrop) {
    RecipeSettings settings =
        RecipeSettings.none()
            .with("model", "resnet20_cifar")
            .with("imageSize", 32)
            .with("batchSize", 16)
            .with("precision", "fp32")
            .set(List.of("trainingCrop=" + trainingCrop));
    return CurriculumTimes.measure(
        settings,
        StripesData.splits(96, 32, 16).train(),
        RunOptions.in(Path.of(".")),
        1,
        (what, done, total) -> {});
  }

  /** What the workers reduce is not cropped again, so it is another step. */
  @Test
  void everyPresetIsMeasuredWithTheImagesThatItsWorkersMake() {
    CurriculumTimes times = measure("resized");
    assertThat(times.steps())
        .extracting(s -> s.bandwidth() + " of " + s.side())
        .contains("24 of 32", "16 of 16", "32 of 32")
        .doesNotHaveDuplicates();
    assertThat(times.speedups())
        .extracting(CurriculumTimes.Speedup::curriculum)
        .contains("none", "efficienttrain", "efficienttrain++");
    assertThat(times.speedups()).allMatch(s -> s.byTime() > 0 && s.byPixels() >= 1);
    assertThat(measure("padded").steps()).allMatch(s -> s.side() == 32);
  }
}
