package org.efficienttrain.training;

import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.images.augment.SampleTransforms;
import org.efficienttrain.images.loader.BatchLoader;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.report.MetricsFile;

/** The one call that trains. */
public final class Training {
  private Training() {}

  /**
   * Trains a network and leaves in {@code options.out()}: {@code recipe.yaml}, {@code
   * metrics.jsonl}, {@code summary.json}, {@code model.safetensors} and the folder {@code
   * checkpoints}.
   *
   * @param recipe what to do
   * @param data what to learn from and what to measure on; stays the caller's to close
   * @param options where and how
   * @param listeners told as the run goes on
   * @return how it ended
   * @throws UserError if the recipe does not fit the data, or the folder holds another run
   * @throws TrainingStopped if the process was asked to end; the run can be resumed
   */
  public static Summary run(
      Recipe recipe, DataSplits data, RunOptions options, List<TrainingListener> listeners) {
    TrainingPlan plan = Plans.plan(recipe, data.train().size(), 1);
    RunFolder folder = RunFolder.open(options);
    List<TrainingListener> all = new ArrayList<>(listeners);
    try (StopSignal stop = StopSignal.listen();
        Learner learner =
            Learner.create(recipe, data.classes(), options.device(), options.weights())) {
      RunState state = start(recipe, data, options, plan, folder, learner, all);
      try (MetricsFile metrics = new MetricsFile(folder.metrics(), state.metricsBytes);
          BatchLoader loader =
              new BatchLoader(
                  data.train(),
                  SampleTransforms.training(Augmentations.workers(recipe)),
                  Augmentations.loader(recipe, plan, options.workers()))) {
        all.add(0, metrics);
        return new TrainingRun(
                recipe, data, options, plan, folder, state, learner, loader, metrics, all, stop)
            .run();
      }
    }
  }

  /**
   * Says what a run would do, what it would take, and how long: takes a few steps of every kind and
   * throws their result away.
   */
  public static DryRun dryRun(Recipe recipe, DataSplits data, RunOptions options) {
    return DryRun.of(recipe, data, options);
  }

  /** The state to go on from: of the newest sound checkpoint, or of a new run. */
  private static RunState start(
      Recipe recipe,
      DataSplits data,
      RunOptions options,
      TrainingPlan plan,
      RunFolder folder,
      Learner learner,
      List<TrainingListener> listeners) {
    RunState state = null;
    if (options.resume()) {
      state =
          folder.restore(
              learner,
              RunIdentity.of(recipe, data),
              options.force(),
              message -> listeners.forEach(l -> l.warned(message)));
    }
    folder.checkSpace(learner, options.keepCheckpoints() + 2);
    if (state != null) {
      return state;
    }
    folder.writeRecipe(recipe);
    return new RunState(plan.phases().size());
  }
}
