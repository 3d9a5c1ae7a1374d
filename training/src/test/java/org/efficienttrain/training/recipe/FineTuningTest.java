package org.efficienttrain.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import org.efficienttrain.training.recipe.Recipe.Rule;
import org.efficienttrain.training.recipe.Recipe.TrainingCrop;
import org.junit.jupiter.api.Test;

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

  @Test
  void whatWasChosenStays() {
    for (String trained : new String[] {"all", "head", "head_and_norms"}) {
      Recipe recipe = fill(CHOSEN.with("trained", trained).with("warmupShare", 0.2));
      assertThat(recipe.mixup()).isEqualTo(0.3);
      assertThat(recipe.warmupEpochs()).isZero();
    }
  }
}
