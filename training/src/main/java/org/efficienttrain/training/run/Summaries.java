package org.efficienttrain.training.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.report.Summary;

/** Draws up the summary of a finished run. */
public final class Summaries {
  private Summaries() {}

  public static Summary of(Recipe recipe, TrainingPlan plan, RunState state, int brokenImages) {
    double compute = plan.equivalentEpochs();
    return new Summary(
        recipe,
        new Summary.Result(
            state.averaged == null ? state.result : state.averaged,
            state.result,
            state.best,
            state.bestStep),
        new Summary.Work(
            state.step,
            state.imagesSeen(),
            plan.dataEpochs(),
            compute,
            recipe.baselineEpochs() / compute),
        new Summary.Time(
            state.trainingSeconds,
            state.evaluationSeconds,
            state.checkpointSeconds,
            state.waitingSeconds),
        brokenImages,
        state.kernels == null ? Map.of() : state.kernels,
        stages(plan, state));
  }

  private static List<Summary.StageResult> stages(TrainingPlan plan, RunState state) {
    List<Summary.StageResult> stages = new ArrayList<>();
    for (int i = 0; i < plan.phases().size(); i++) {
      Phase phase = plan.phases().get(i);
      long images = state.phaseImages[i];
      double seconds = state.phaseSeconds[i];
      stages.add(
          new Summary.StageResult(
              phase.bandwidth(),
              phase.magnitude(),
              images,
              seconds,
              seconds == 0 ? 0 : images / seconds));
    }
    return stages;
  }
}
