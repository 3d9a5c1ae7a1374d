package org.efficienttrain.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.Flops;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.junit.jupiter.api.Test;

class PlansTest {
  private static final int IMAGES = 64_000;

  private static TrainingPlan plan(String cost) {
    return Plans.plan(
        RecipeSettings.none()
            .with("model", "resnet18")
            .with("imageSize", 96)
            .with("curriculum", "efficienttrain++")
            .with("bandwidthMultiple", 8)
            .with("epochs", 20)
            .with("cost", cost)
            .resolve(IMAGES),
        IMAGES,
        1);
  }

  /** A stride of 32 makes 64 of 40 and 96 of 72: more operations than pixels. */
  @Test
  void theComputeClockFollowsPixelsOrOperations() {
    TrainingPlan pixels = plan("pixels");
    TrainingPlan operations = plan("operations");
    var network = Backbones.options("resnet18", 1000, 96);
    double whole = Flops.count(network, 96);
    for (TrainingPlan plan : new TrainingPlan[] {pixels, operations}) {
      double cost = 0;
      for (var phase : plan.phases()) {
        double image =
            plan.equals(pixels)
                ? Math.pow(phase.bandwidth() / 96.0, 2)
                : Flops.count(network, phase.bandwidth()) / whole;
        assertThat(phase.imageCost()).isCloseTo(image, within(1e-12));
        cost += image * phase.images();
      }
      assertThat(cost / IMAGES).isCloseTo(20, within(0.2));
    }
    assertThat(operations.phases().get(0).bandwidth()).isEqualTo(40);
    assertThat(operations.phases().get(0).imageCost()).isCloseTo(0.252, within(0.002));
    assertThat(operations.totalSteps()).isLessThan(pixels.totalSteps());
  }
}
