package org.efficienttrain.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.MaeVariant;
import org.efficienttrain.training.loop.Plans;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recipe that comes with the program, and every variant of it, can be run. */
class RecipesTest {
  static final Path FOLDER = Path.of("../recipes");
  private static final RecipeFolder RECIPES = new RecipeFolder(FOLDER);
  private static final int IMAGENET_IMAGES = 1_281_167;

  static List<String> recipes() {
    return RECIPES.names();
  }

  static List<String> files() {
    return RECIPES.names().stream().filter(n -> Files.exists(file(n))).toList();
  }

  private static Path file(String name) {
    return FOLDER.resolve(name + ".yaml");
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void makesAPlan(String name) {
    RecipeSettings settings = RECIPES.read(name);
    if (!settings.values().containsKey("model")) {
      assertThat(name).contains("/base"); // what others extend, for a model of the user's choice
      settings = settings.with("model", "resnet50");
    }
    Recipe recipe = settings.resolve(IMAGENET_IMAGES);
    TrainingPlan plan = Plans.plan(recipe, IMAGENET_IMAGES, 1);

    boolean masked = MaeVariant.find(recipe.model()).isPresent();
    assertThat(masked || Backbones.names().contains(recipe.model())).as(recipe.model()).isTrue();
    assertThat(Plans.learningRate(recipe, plan).at(plan.totalSteps() / 2)).isPositive();
    double speedUp = recipe.baselineEpochs() / plan.equivalentEpochs();
    if (name.startsWith("imagenet/") && name.endsWith("efficienttrain")) {
      assertThat(speedUp).isCloseTo(1.53, within(0.01)); // by pixels; the papers' is by FLOPs
    } else if (name.equals("imagenet/mae_vit_base_hog_400_efficienttrainpp")) {
      assertThat(speedUp).isCloseTo(3.98, within(0.05)); // over 1600 epochs of pixels
    } else if (name.startsWith("imagenet/") && name.endsWith("efficienttrainpp")) {
      assertThat(speedUp).isCloseTo(1.5, within(0.03));
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void saysWhatItIsAndHowToRunIt(String name) throws IOException {
    String text = Files.readString(file(name));
    assertThat(text).startsWith("# ").containsPattern("[.]/et [a-z]+ .*--recipe " + name);
    assertThat(text.lines().count()).as("one screen").isLessThanOrEqualTo(45);
  }
}
