package org.efficienttrain.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.StripesData;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.junit.jupiter.api.Test;

class FindersTest {
  private static final Progress SILENT = (what, done, total) -> {};

  private static RateFinder judge(DoubleUnaryOperator loss) {
    List<RateFinder.Point> points = new ArrayList<>();
    for (double exponent = -6; exponent <= 1; exponent += 0.1) {
      double value = loss.applyAsDouble(exponent);
      points.add(new RateFinder.Point(Math.pow(10, exponent), value, value));
    }
    return RateFinder.of(points);
  }

  @Test
  void suggestsWhereTheLossFellFastest() {
    // A fall around 1e-3, a floor from 1e-2, a rise from 1e-1.
    RateFinder found =
        judge(
            x ->
                2 / (1 + Math.exp(4 * (x + 3)))
                    + Math.exp(5 * (x + 0.5))
                    + 0.01 * Math.abs(x + 1.5));
    assertThat(found.steepest()).isBetween(5e-4, 2e-3);
    assertThat(found.lowest()).isBetween(1e-2, 1e-1);
    assertThat(found.suggestion()).isEqualTo(found.steepest());
    assertThat(found.toText()).contains("try --set learningRate=0.00");
    RateFinder late = judge(x -> x < -1 ? -0.1 * x : x < 0 ? 0.1 - 5 * (x + 1) : 5 * x);
    assertThat(late.suggestion()).isEqualTo(late.lowest() / 10);
    assertThat(judge(x -> x).suggestion()).isNaN();
    assertThat(judge(x -> x).toText()).contains("at none of these rates");
  }

  private static Job job() {
    DatasetSplits data = StripesData.splits(96, 32, 16);
    return Job.alone(
        RecipeSettings.none()
            .with("model", "resnet20_cifar")
            .with("imageSize", 16)
            .with("batchSize", 16)
            .with("curriculum", "efficienttrain")
            .with("precision", "fp32")
            .resolve(96),
        data,
        RunOptions.in(Path.of(".")));
  }

  @Test
  void aSmallNetworkHasARateInTheUsualRange() {
    RateFinder found = RateFinder.run(job(), 1e-5, 100, 60, SILENT);
    assertThat(found.points().size()).isBetween(20, 60);
    assertThat(found.suggestion()).isBetween(1e-4, 10.0);
    assertThatThrownBy(() -> RateFinder.run(job(), 1, 0.1, 60, SILENT))
        .isInstanceOf(UserError.class);
  }

  @Test
  void moreImagesFitAtASmallerBandwidth() {
    BatchFinder found = BatchFinder.run(job(), SILENT);
    assertThat(found.sizes()).extracting(BatchFinder.Size::bandwidth).containsExactly(12, 14, 16);
    assertThat(found.memoryBytes()).isGreaterThan(100_000_000L);
    assertThat(found.sizes()).allMatch(s -> s.images() > 0 && s.bytesPerImage() > 0);
    assertThat(found.toText()).contains("largest micro-batch");
  }
}
