package org.efficienttrain.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.training.loop.Plans;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recipe that comes with the program can be run. */
class RecipesTest {
  private static final int IMAGENET_IMAGES = 1_281_167;

  static List<Path> recipes() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("../recipes"))) {
      return files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void makesAPlan(Path file) throws IOException {
    String text = Files.readString(file);
    Recipe recipe = RecipeSettings.parse(text, file.toString()).resolve(IMAGENET_IMAGES);
    TrainingPlan plan = Plans.plan(recipe, IMAGENET_IMAGES, 1);

    assertThat(text).startsWith("# ").contains("./et train --recipe " + name(file) + " ");
    assertThat(text.lines().count()).as("one screen").isLessThanOrEqualTo(45);
    assertThat(Backbones.names()).contains(recipe.model());
    assertThat(Plans.learningRate(recipe, plan).at(plan, plan.totalSteps() / 2)).isPositive();
    double speedUp = recipe.baselineEpochs() / plan.equivalentEpochs();
    if (name(file).startsWith("imagenet_") && name(file).endsWith("efficienttrain")) {
      assertThat(speedUp).isCloseTo(1.53, within(0.01)); // by pixels; the papers' is by FLOPs
    } else if (name(file).startsWith("imagenet_") && name(file).endsWith("efficienttrainpp")) {
      assertThat(speedUp).isCloseTo(1.5, within(0.03));
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".yaml", "");
  }
}
