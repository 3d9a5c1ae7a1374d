package org.efficienttrain.training.loop;

import org.efficienttrain.curriculum.Cosine;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.Cut;
import org.efficienttrain.curriculum.LearningRate;
import org.efficienttrain.curriculum.PlanRequest;
import org.efficienttrain.curriculum.Stage;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.models.ImageSizes;
import org.efficienttrain.models.Networks;
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
    if (recipe.replayTimes() > 0) {
      curriculum = curriculum.withReplay(recipe.replayTimes());
    }
    ImageSizes sizes = Networks.sizes(recipe.model());
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
   * Phases, steps and batches of a run.
   *
   * @param images size of the training set
   * @param ranks processes that share every batch
   */
  public static TrainingPlan plan(Recipe recipe, long images, int ranks) {
    PlanRequest request =
        PlanRequest.of(images, recipe.epochs(), recipe.batchSize())
            .withRanks(ranks)
            .withMicroBatch(recipe.microBatch())
            .withEarlyLargeBatch(recipe.earlyLargeBatch())
            .withCostModel(Costs.of(recipe));
    return TrainingPlan.of(
        curriculum(recipe), request, new Cut(recipe.cutAt(), recipe.cutAnnealing()));
  }

  /** The learning rate of every step of a plan. */
  public static LearningRate learningRate(Recipe recipe, TrainingPlan plan) {
    Cosine cosine =
        new Cosine(
            recipe.learningRate(),
            recipe.minLearningRate(),
            recipe.warmupEpochs(),
            recipe.warmupShare());
    return switch (recipe.schedule()) {
      case WHOLE_RUN -> LearningRate.wholeRun(plan, cosine);
      case PER_STAGE -> LearningRate.perStage(plan, cosine);
    };
  }
}
