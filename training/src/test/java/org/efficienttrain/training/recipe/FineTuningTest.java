package org.efficienttrain.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import org.efficienttrain.training.recipe.Recipe.Rule;
import org.efficienttrain.training.recipe.Recipe.TrainingCrop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FineTuningTest {
  private static final RecipeSettings CHOSEN =
      RecipeSettings.none().with("model", "deit_tiny_cifar").with("mixup", 0.3);

  private static Recipe fill(RecipeSettings chosen) {
    return FineTuning.fill(chosen, 50_000, true).resolve(50_000);
  }

  /** Also where a recipe file says it. */
  @Test
  void whatLearnsDecidesTheRest() {
    Recipe all = fill(CHOSEN);
    assertThat(all.layerDecay()).isEqualTo(0.75);
    assertThat(all.headInitScale()).isEqualTo(0.001);
    assertThat(all.warmupEpochs()).isEqualTo(1.5);

    Recipe head = fill(CHOSEN.with("trained", "head"));
    assertThat(head.optimizer()).isEqualTo(Rule.SGD);
    assertThat(head.batchSize()).isEqualTo(2048);
    assertThat(head.microBatch()).isEqualTo(256);
    assertThat(head.headInitScale()).isEqualTo(0.5);
    assertThat(head.trainingCrop()).isEqualTo(TrainingCrop.RESIZED);

    Recipe norms = fill(CHOSEN.with("trained", "head_and_norms"));
    assertThat(norms.epochs()).isEqualTo(10);
    assertThat(norms.weightDecay()).isZero();
    assertThat(norms.minCropArea()).isEqualTo(0.5);
  }

  /** Rates at the batch of 1024 that they are for. */
  @ParameterizedTest
  @CsvSource({
    "resnet18, SGD, 1, 1",
    "convnext_tiny, ADAMW, 0.8, 0.001",
    "swin_tiny, ADAMW, 0.8, 0.001",
    "caformer_s18, ADAMW, 0.8, 0.001",
    "cswin_tiny_cifar, ADAMW, 0.9, 0.001",
    "deit_base, ADAMW, 0.65, 0.001",
    "vit_base_gap, ADAMW, 0.65, 0.001",
    "vit_large_gap, ADAMW, 0.75, 0.001",
    "deit_tiny_cifar, ADAMW, 0.75, 0.001"
  })
  void aFamilyIsFineTunedAsIsUsual(String model, Rule rule, double decay, double head) {
    Recipe recipe = fill(CHOSEN.with("model", model).with("batchSize", 1024));
    assertThat(recipe.optimizer()).isEqualTo(rule);
    assertThat(recipe.layerDecay()).isEqualTo(decay);
    assertThat(recipe.headInitScale()).isEqualTo(head);
    double adamw = model.matches("(deit|vit).*") ? 2e-3 : 5e-4;
    assertThat(recipe.learningRate()).isEqualTo(rule == Rule.SGD ? 0.08 : adamw);
  }

  @Test
  void whatWasChosenStays() {
    for (String trained : new String[] {"all", "head", "head_and_norms"}) {
      Recipe recipe = fill(CHOSEN.with("trained", trained).with("warmupShare", 0.2));
      assertThat(recipe.mixup()).isEqualTo(0.3);
      assertThat(recipe.warmupEpochs()).isZero();
    }
  }
}
