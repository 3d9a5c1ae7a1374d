package org.efficienttrain.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.efficienttrain.training.UserError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeFolderTest {
  private static final RecipeFolder OURS = new RecipeFolder(RecipesTest.FOLDER);

  @TempDir Path folder;
  private RecipeFolder recipes;

  @BeforeEach
  void writeRecipes() throws IOException {
    recipes = new RecipeFolder(folder);
    write(
        "a/base",
        """
        epochs: 30
        flip: false
        variants:
          efficienttrain: {curriculum: efficienttrain, mixup: 1}
          big: {imageSize: 64}
        """);
    write(
        "a/net",
        """
        extends: a/base
        model: resnet20_cifar
        epochs: 20
        variants:
          efficienttrain: {cutmix: 1}
          efficienttrainpp: {curriculum: 'efficienttrain++:deit', epochs: 12}
        """);
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name + ".yaml");
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void aRecipeSaysWhatItChangesAndAVariantWins() {
    assertThat(recipes.read("a/net").values())
        .isEqualTo(Map.of("model", "resnet20_cifar", "epochs", 20.0, "flip", false));
    assertThat(recipes.read("a/net_efficienttrain").values())
        .containsEntry("curriculum", "efficienttrain")
        .containsEntry("mixup", 1.0)
        .containsEntry("cutmix", 1.0)
        .containsEntry("epochs", 20.0);
    assertThat(recipes.read("a/net_efficienttrainpp").values())
        .containsEntry("epochs", 12.0)
        .doesNotContainKey("mixup");
    assertThat(recipes.names())
        .containsExactly(
            "a/base",
            "a/base_efficienttrain",
            "a/base_big",
            "a/net",
            "a/net_efficienttrain",
            "a/net_big",
            "a/net_efficienttrainpp");
  }

  @Test
  void theCurriculumAskedForChoosesItsVariant() {
    assertThat(recipes.read("a/net", "EfficientTrain").values())
        .isEqualTo(recipes.read("a/net_efficienttrain").values());
    assertThat(recipes.read("a/net", "efficienttrain++").values())
        .isEqualTo(recipes.read("a/net_efficienttrainpp").values());
    assertThat(recipes.read("a/net", "efficienttrain++:convnext").values())
        .containsEntry("curriculum", "efficienttrain++:convnext")
        .containsEntry("epochs", 12.0);
    assertThat(recipes.read("a/net_efficienttrainpp", "none").values())
        .containsEntry("curriculum", "none")
        .containsEntry("epochs", 20.0);
    assertThat(recipes.read("a/net_big", "none").values())
        .containsEntry("imageSize", 64)
        .containsEntry("curriculum", "none");
    assertThat(recipes.read("a/net_big", "epochs 16:1/2,32:1/2").values())
        .containsEntry("imageSize", 64)
        .containsEntry("curriculum", "epochs 16:1/2,32:1/2");
    assertThat(recipes.read("a/net", null).values()).isEqualTo(recipes.read("a/net").values());
  }

  @Test
  void aFileElsewhereMayExtendARecipe(@TempDir Path elsewhere) throws IOException {
    Path mine = elsewhere.resolve("mine.yaml");
    Files.writeString(mine, "extends: a/net_efficienttrainpp\nseed: 7\n");
    assertThat(recipes.read(mine.toString()).values())
        .containsEntry("seed", 7L)
        .containsEntry("epochs", 12.0);
    assertThat(recipes.read(mine.toString(), "efficienttrain").values())
        .containsEntry("seed", 7L)
        .containsEntry("mixup", 1.0);
  }

  @ParameterizedTest
  @CsvSource({
    "cifar10_resnet20_baseline, cifar10/resnet20",
    "cifar10_resnet20_efficienttrain, cifar10/resnet20_efficienttrain",
    "imagenet_deit_small_efficienttrainpp, imagenet/deit_small_efficienttrainpp",
    "imagenet_convnext_base_finetune_384, imagenet/convnext_base_finetune_384",
    "imagenet22k_cswin_large_efficienttrainpp, imagenet22k/cswin_large_efficienttrainpp"
  })
  void namesFromBeforeThereWereFoldersStillWork(String old, String now) {
    assertThat(OURS.read(old).values()).isEqualTo(OURS.read(now).values());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          extends: b/two         | b/one -> b/two -> b/one
          extends: b/one         | extends itself
          extends: b_one         | extends itself
          extends: ../secret     | extends '../secret', which is not a recipe in
          extends: /etc/passwd   | extends '/etc/passwd', which is not a recipe in
          extends: a/nte         | did you mean 'a/net'
          extends: a/net_small   | extends 'a/net_small', which is not a recipe in
          variants: 7            | variants must be keys and values, not '7'
          variants: {x: 7}       | x must be keys and values, not '7'
          variants: {x: {lr: 7}} | one.yaml: x: there is no key 'lr'; did you mean 'learningRate'?
          'epochs: 1\tepochs: 2' | Duplicate
          epochs: 0              | one.yaml: epochs must be a number from 1.0E-9 to 1000000, not '0'
          seed:                  | one.yaml: seed must be a whole number, not 'null'
          """)
  void mistakesAreOneSentence(String text, String message) throws IOException {
    write("b/one", text.replace('\t', '\n'));
    write("b/two", "extends: b/one");
    write("../secret", "epochs: 3");
    assertThatThrownBy(() -> recipes.read("b/one"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    Files.deleteIfExists(folder.resolve("../secret.yaml"));
  }

  @Test
  void anUnknownNameSaysTheNearest() {
    assertThatThrownBy(() -> recipes.read("a/nett"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("there is no recipe 'a/nett'; did you mean 'a/net'?");
    assertThatThrownBy(() -> new RecipeFolder(folder.resolve("nowhere")).read("x"))
        .isInstanceOf(UserError.class)
        .hasMessage("there is no recipe 'x'");
  }
}
