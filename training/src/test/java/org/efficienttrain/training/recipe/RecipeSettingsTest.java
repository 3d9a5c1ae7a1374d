package org.efficienttrain.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.efficienttrain.images.augment.LowFrequency;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.loop.Plans;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeSettingsTest {
  private static final RecipeSettings BASE = RecipeSettings.none().with("model", "resnet20_cifar");

  @Test
  void laterSettingsWin() {
    Recipe recipe =
        RecipeSettings.parse("model: resnet20_cifar\nepochs: 3\nmixup: 1", "a.yaml")
            .with("epochs", 5)
            .with("seed", null)
            .set(List.of("mixup=0.25", "curriculum=epochs 16:1/2,32:1/2", "optimizer=LAMB"))
            .resolve(50_000);
    assertThat(recipe.epochs()).isEqualTo(5);
    assertThat(recipe.mixup()).isEqualTo(0.25);
    assertThat(recipe.curriculum()).isEqualTo("epochs 16:1/2,32:1/2");
    assertThat(recipe.optimizer()).isEqualTo(Recipe.Rule.LAMB);
    assertThat(recipe.imageSize()).isEqualTo(32);
  }

  @Test
  void aRecipeWrittenOutReadsBackTheSame() {
    Recipe recipe = BASE.resolve(50_000);
    RecipeSettings copy = RecipeSettings.none();
    for (var entry : recipe.toMap().entrySet()) {
      copy = copy.with(entry.getKey(), entry.getValue());
    }
    assertThat(copy.resolve(1)).isEqualTo(recipe);
  }

  @Test
  void smallTrainingSetsGetSmallBatches() {
    assertThat(BASE.resolve(50_000).batchSize()).isEqualTo(128);
    assertThat(BASE.resolve(300).batchSize()).isEqualTo(32);
    assertThat(BASE.resolve(3).batchSize()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          learnigRate=1          | there is no key 'learnigRate'; did you mean 'learningRate'?
          lr=1                   | there is no key 'lr'; did you mean 'learningRate'?
          batch=1                | there is no key 'batch'; did you mean 'batchSize'?
          kernles=1              | there is no key 'kernles'; docs/recipes.md lists them
          threeAugment=true randAugment=true | set one of them to false
          epochs=many            | epochs must be a number from 1.0E-9 to 1000000, not 'many'
          batchSize=1.5          | batchSize must be a whole number from 1 to 1000000, not '1.5'
          flip=7                 | flip must be true or false, not '7'
          precision=fp8          | precision must be one of auto, fp32, bf16, fp16, not 'fp8'
          model=12               | model must be text, not '12'
          nonsense               | --set wants key=value, not 'nonsense'
          dropPath=1.5           | dropPath must be a number from 0 to 0.95, not '1.5'
          warmupShare=0.2 warmupEpochs=3 | not both
          imageSize=30           | imageSize 30 is not a multiple of
          crop=lanczos erasing=0.5 eraseAfterCrop=false | set eraseAfterCrop to true
          crop=dct erasing=0.5 eraseAfterCrop=false | crop dct happens before
          replayTimes=2          | set replayImages
          curriculum=efficientrain | did you mean
          """)
  void mistakesAreOneSentence(String settings, String message) {
    assertThatThrownBy(
            () ->
                BASE.with("bandwidthMultiple", 4)
                    .set(List.of(settings.strip().split(" ")))
                    .resolve(1000))
        .isInstanceOfAny(UserError.class, IllegalArgumentException.class)
        .hasMessageContaining(message.strip())
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @Test
  void aFileThatIsNoRecipeIsNamed() {
    assertThatThrownBy(() -> RecipeSettings.parse("model: [", "my.yaml"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("my.yaml");
    assertThatThrownBy(() -> RecipeSettings.parse("just text", "my.yaml"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("my.yaml");
    assertThatThrownBy(() -> RecipeSettings.parse("", "my.yaml"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("my.yaml");
    assertThatThrownBy(() -> RecipeSettings.none().resolve(10))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("--model");
  }

  @Test
  void aCurriculumBelowTheModelsSmallestImageIsRefusedBeforeTheRun() {
    Recipe recipe =
        BASE.with("imageSize", 8)
            .with("bandwidthMultiple", 2)
            .with("curriculum", "efficienttrain")
            .resolve(1000);
    assertThatThrownBy(() -> Plans.plan(recipe, 1000, 1))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("has bandwidth 6, but model resnet20_cifar takes at least 8");
  }

  /** ResNet takes any side; the others only multiples of what they divide it by. */
  @ParameterizedTest
  @CsvSource({
    "resnet18, 224, 32",
    "resnet18, 128, 16",
    "resnet18, 96, 16",
    "resnet50, 100, 4",
    "resnet18, 64, 8",
    "resnet20_cifar, 32, 4",
    "resnet20_cifar, 48, 4",
    "swin_tiny, 96, 32",
    "deit_tiny, 96, 16",
    "mae_vit_tiny_cifar, 48, 4",
  })
  void bandwidthsAreMultiplesThatTheNetworkDividesWell(String model, int size, int multiple) {
    Recipe recipe =
        RecipeSettings.none().with("model", model).with("imageSize", size).resolve(1000);
    assertThat(recipe.bandwidthMultiple()).isEqualTo(multiple);
  }

  /** EfficientTrain crops the spectrum on the device, EfficientTrain++ resizes in the workers. */
  @ParameterizedTest
  @CsvSource({
    "efficienttrain, , FOURIER",
    "none, , FOURIER",
    "efficienttrain++, , DCT",
    "efficienttrain++:deit, , DCT",
    "efficienttrain++, crop=lanczos, LANCZOS",
    "efficienttrain++, trainingCrop=padded, FOURIER",
    "efficienttrain++, eraseAfterCrop=false, FOURIER",
    "efficienttrain, trainingCrop=padded, FOURIER",
  })
  void theCurriculumDecidesWhereImagesAreReduced(
      String curriculum, String setting, LowFrequency crop) {
    Recipe recipe =
        RecipeSettings.none()
            .with("model", "deit_tiny")
            .with("curriculum", curriculum)
            .set(setting == null ? List.of() : List.of(setting))
            .resolve(1000);
    assertThat(recipe.crop()).isEqualTo(crop);
  }
}
