package org.efficienttrain.training.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.junit.jupiter.api.Test;

class ClassificationTest {
  /** The classifier of a network, and something of its rest. */
  private record Weights(float[] head, float[] rest) {}

  private static Weights weights(double headInitScale) {
    Recipe recipe =
        RecipeSettings.none()
            .with("model", "convnext_tiny_cifar")
            .with("precision", "fp32")
            .with("headInitScale", headInitScale)
            .resolve(1000);
    Generator.seed(3);
    try (Classification task =
        new Classification(
            new Task.Setting(recipe, List.of("a", "b", "c"), Device.CPU, null, note -> {}))) {
      var named = task.network().namedParameters();
      String rest = named.keySet().iterator().next();
      return new Weights(named.get("head.weight").toFloats(), named.get(rest).toFloats());
    }
  }

  @Test
  void aNewHeadIsScaledAndNothingElse() {
    Weights plain = weights(1);
    Weights quiet = weights(0.001);
    assertThat(quiet.rest).isEqualTo(plain.rest);
    for (int i = 0; i < plain.head.length; i++) {
      assertThat(quiet.head[i]).isCloseTo(0.001f * plain.head[i], within(1e-9f));
    }
    assertThat(plain.head).doesNotContain(0f);
  }
}
