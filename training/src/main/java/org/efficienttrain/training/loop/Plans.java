package org.efficienttrain.training.loop;

import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.LearningRate;
import org.efficienttrain.curriculum.Run;
import org.efficienttrain.curriculum.Stage;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.ImageSizes;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.recipe.Recipe;

/** From a recipe to the plan of a run. */
public final class Plans {
  private Plans() {}

  /**
   * The recipe's curriculum at the recipe's image size.
   *
   * @throws UserError if the model does not run at one of its bandwidths
   */
  public static Curriculum curriculum(Recipe recipe) {
    Curriculum curriculum =
        Curricula.of(recipe.curriculum())
            .scaledTo(recipe.imageSize(), recipe.bandwidthMultiple(), recipe.curriculumScaling());
    ImageSizes sizes = Backbones.variant(recipe.model()).sizes();
    for (Stage stage : curriculum.stages()) {
      if (!sizes.allows(stage.bandwidth())) {
        throw new UserError(
            "curriculum %s at imageSize %d has bandwidth %d, but model %s takes %s: choose another imageSize or bandwidthMultiple"
                .formatted(
                    recipe.curriculum(),
                    recipe.imageSize(),
                    stage.bandwidth(),
                    recipe.model(),
                    sizes));
      }
    }
    return curriculum;
  }

  /**
   * Phases, steps and batches of a run. With a replay buffer, a pass over the data has as many more
   * steps as each image is shown more often, and the run as many fewer passes.
   *
   * @param images size of the training set
   * @param ranks processes that share every batch
   */
  public static TrainingPlan plan(Recipe recipe, long images, int ranks) {
    int views = recipe.replayTimes();
    Run run =
        Run.of(images * views, recipe.epochs() / views, recipe.batchSize())
            .withRanks(ranks)
            .withMicroBatch(recipe.microBatch())
            .withEarlyLargeBatch(recipe.earlyLargeBatch())
            .withCostModel(Costs.of(recipe));
    return TrainingPlan.of(curriculum(recipe), run);
  }

  /** The learning rate of every step of a plan. */
  public static LearningRate learningRate(Recipe recipe, TrainingPlan plan) {
    double peak = recipe.learningRate();
    double minimum = recipe.minLearningRate();
    return recipe.warmupShare() > 0
        ? LearningRate.cosineWithWarmupShare(plan, peak, minimum, recipe.warmupShare())
        : LearningRate.cosine(plan, peak, minimum, recipe.warmupEpochs() / recipe.replayTimes());
  }
}
