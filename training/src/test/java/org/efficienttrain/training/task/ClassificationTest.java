package org.efficienttrain.training.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.junit.jupiter.api.Test;

class ClassificationTest {
  /** The classifier of a network, and something of its rest. */
  private record Weights(List<Float> head, List<Float> rest) {}

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
      return new Weights(floats(named.get("head.weight")), floats(named.get(rest)));
    }
  }

  private static List<Float> floats(Tensor tensor) {
    List<Float> out = new ArrayList<>();
    for (float value : tensor.toFloats()) {
      out.add(value);
    }
    return out;
  }

  @Test
  void aNewHeadIsScaledAndNothingElse() {
    Weights plain = weights(1);
    Weights quiet = weights(0.001);
    assertThat(quiet.rest).isEqualTo(plain.rest);
    for (int i = 0; i < plain.head.size(); i++) {
      assertThat(quiet.head.get(i)).isCloseTo(0.001f * plain.head.get(i), within(1e-9f));
    }
    assertThat(plain.head).doesNotContain(0f);
  }
}
