package org.efficienttrain.training.search;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.efficienttrain.curriculum.Stage;
import org.efficienttrain.curriculum.TrainingPlan;
import org.efficienttrain.curriculum.search.SharedRuns.Planned;
import org.efficienttrain.curriculum.search.Trial;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.checkpoint.CheckpointFolder;
import org.efficienttrain.training.loop.Plans;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.run.RunIdentity;

/**
 * From a trial to its run.
 *
 * @param base recipe of all trials, but for curriculum, cut and seed
 * @param data what they learn from and are measured on
 * @param options where and how; {@code out} is the folder of the search
 */
public record TrialRuns(Recipe base, DatasetSplits data, RunOptions options) {
  private static final int MAX_NAME = 60;

  /** Settles what the recipe leaves to the device, so that all trials agree on it. */
  public TrialRuns {
    base = Job.alone(base, data, options).recipe();
  }

  /** The recipe of a trial. */
  public Recipe recipe(Trial trial) {
    Map<String, Object> keys = new HashMap<>();
    keys.put("curriculum", trial.curriculum().toText());
    keys.put("cutAt", trial.cut().at());
    keys.put("cutAnnealing", trial.cut().annealing());
    keys.put("seed", trial.seed());
    return base.with(keys);
  }

  /** A trial laid over its run. */
  public Planned planned(Trial trial) {
    Recipe recipe = recipe(trial);
    TrainingPlan plan = Plans.plan(recipe, data.train().size(), 1);
    return new Planned(trial, plan, Plans.learningRate(recipe, plan));
  }

  /** Name of the folder of a trial: its bandwidths for people, and a sum that tells it apart. */
  public static String name(Trial trial) {
    StringBuilder name = new StringBuilder();
    double start = 0;
    int before = 0;
    for (Stage stage : trial.curriculum().stages()) {
      if (start < trial.cut().at() - 1e-9 && stage.bandwidth() != before) {
        name.append(before == 0 ? "" : "-").append(stage.bandwidth());
        before = stage.bandwidth();
      }
      start += stage.share();
    }
    CRC32 sum = new CRC32();
    sum.update(trial.key().getBytes(StandardCharsets.UTF_8));
    return "%s_seed%d_%08x"
        .formatted(
            name.substring(0, Math.min(MAX_NAME, name.length())), trial.seed(), sum.getValue());
  }

  /** Where the run of that name lies. */
  Path folder(String name) {
    return options.out().resolve("runs").resolve(name);
  }

  /** The states of a run. */
  CheckpointFolder states(String name) {
    return new CheckpointFolder(folder(name).resolve("checkpoints"));
  }

  /** Name of the class of the task that all trials are asked to do. */
  String task() {
    return RunIdentity.task(Job.alone(base, data, options));
  }

  /** What is to be made for a trial. */
  Job job(Planned planned) {
    RunOptions own =
        RunOptions.in(folder(name(planned.trial())))
            .withTask(options.task())
            .withDevice(options.device())
            .withWorkers(options.workers())
            .withMaxBroken(options.maxBroken())
            .withCheckpoints(options.checkpointMinutes(), 1)
            .withKeptSteps(planned.keptSteps())
            .withResume(true, false);
    return Job.alone(recipe(planned.trial()), data, own);
  }
}
