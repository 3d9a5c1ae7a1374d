package org.efficienttrain.training.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.task.Classification;
import org.efficienttrain.training.task.Task;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearnerTest {
  private static Learner learner(String precision, String optimizer) {
    Recipe recipe =
        RecipeSettings.none()
            .with("model", "resnet20_cifar")
            .with("imageSize", 16)
            .with("precision", precision)
            .with("optimizer", optimizer)
            .with("emaDecay", 0.9)
            .resolve(64);
    Generator.seed(1);
    Task.Setting setting =
        new Task.Setting(recipe, List.of("a", "b"), Device.CPU, null, note -> {});
    return new Learner(recipe, new Classification(setting));
  }

  /** One step with a gradient as it comes, or with one number of it replaced. */
  private static Learner.Update step(Learner learner, double brightness, Double injected) {
    try (Scope scope = Scope.open()) {
      learner.beginStep();
      Tensor images = Tensors.rand(4, 3, 16, 16).mul(brightness);
      Tensor loss = learner.task().loss(images, new int[] {0, 1, 0, 1}, RandomSource.of(1, 2, 3));
      loss.mul(learner.scaler().scale()).backward();
      if (injected != null) {
        Tensor gradient = learner.optimizer().gradients().get(3);
        gradient.narrow(0, 0, 1).mul_(0).add_(injected);
      }
      return learner.update(0.01, loss.item(), 0);
    }
  }

  private static Map<String, float[]> everything(Learner learner) {
    Map<String, float[]> out = new LinkedHashMap<>();
    try (Scope scope = Scope.open()) {
      learner.network().state().forEach((k, t) -> out.put("weights " + k, floats(t)));
      learner.ema().state().forEach((k, t) -> out.put("average " + k, floats(t)));
      learner.optimizer().state().forEach((k, t) -> out.put("optimizer " + k, floats(t)));
    }
    return out;
  }

  private static float[] floats(Tensor t) {
    return t.detach().to(DType.FLOAT32).toFloats();
  }

  @ParameterizedTest
  @CsvSource({
    "fp32,sgd,NaN",
    "fp32,adamw,Infinity",
    "bf16,lamb,NaN",
    "bf16,sgd,-Infinity",
    "fp16,adamw,NaN"
  })
  void aGradientThatIsNotFiniteChangesNothing(String precision, String rule, double injected) {
    try (Learner learner = learner(precision, rule)) {
      assertThat(step(learner, 1, null).taken()).isTrue();
      Map<String, float[]> before = everything(learner);

      assertThat(step(learner, 1, injected).taken()).isFalse();

      everything(learner)
          .forEach((name, values) -> assertThat(values).as(name).isEqualTo(before.get(name)));
      boolean taken = false;
      for (int i = 0; i < 12 && !taken; i++) {
        taken = step(learner, 1, null).taken(); // in fp16 the factor on the loss may have to shrink
      }
      assertThat(taken).isTrue();
      assertThat(everything(learner).get("weights fc.weight"))
          .isNotEqualTo(before.get("weights fc.weight"));
    }
  }

  @ParameterizedTest
  @CsvSource({"fp32", "bf16", "fp16"})
  void imagesThatAreNotFiniteDoNotSpoilRunningStatistics(String precision) {
    try (Learner learner = learner(precision, "sgd")) {
      step(learner, 1, null);
      Map<String, float[]> before = everything(learner);

      assertThat(step(learner, Double.POSITIVE_INFINITY, null).taken()).isFalse();

      everything(learner)
          .forEach((name, values) -> assertThat(values).as(name).isEqualTo(before.get(name)));
    }
  }
}
