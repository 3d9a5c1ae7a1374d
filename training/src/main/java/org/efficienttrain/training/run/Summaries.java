package org.efficienttrain.training.run;

import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.report.Summary;
import org.efficienttrain.training.task.EvaluationResult;

/** Draws up the summary of a finished run. */
public final class Summaries {
  private Summaries() {}

  public static Summary of(Recipe recipe, TrainingPlan plan, RunState state, int brokenImages) {
    EvaluationResult counting = state.averaged == null ? state.result : state.averaged;
    double compute = plan.equivalentEpochs() * recipe.replayTimes();
    return new Summary(
        recipe.model(),
        recipe.curriculum(),
        recipe.imageSize(),
        recipe.epochs(),
        recipe.seed(),
        counting.accuracy(),
        counting.top5Accuracy(),
        counting.loss(),
        state.bestAccuracy,
        state.bestStep,
        state.result.accuracy(),
        state.result.images(),
        state.step,
        state.imagesSeen(),
        plan.dataEpochs(),
        compute,
        recipe.baselineEpochs() / compute,
        state.trainingSeconds,
        state.evaluationSeconds,
        state.checkpointSeconds,
        state.waitingSeconds,
        brokenImages,
        stages(plan, state));
  }

  private static List<Summary.Stage> stages(TrainingPlan plan, RunState state) {
    List<Summary.Stage> stages = new ArrayList<>();
    for (int i = 0; i < plan.phases().size(); i++) {
      Phase phase = plan.phases().get(i);
      long images = state.phaseImages[i];
      double seconds = state.phaseSeconds[i];
      stages.add(
          new Summary.Stage(
              phase.bandwidth(),
              phase.magnitude(),
              images,
              seconds,
              seconds == 0 ? 0 : images / seconds));
    }
    return stages;
  }
}
