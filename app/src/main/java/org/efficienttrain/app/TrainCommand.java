package org.efficienttrain.app;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.report.Summary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a network on a folder of images. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Trains a model on a folder of images.",
    footer = {
      "",
      "Every key of a recipe can be set with --set; see docs/recipes.md.",
      "Example:  ./et train --data photos --model resnet18 --epochs 30 --curriculum efficienttrain",
    })
final class TrainCommand implements Callable<Integer>, RunMixin.Work {
  @Mixin RunMixin run;

  @Option(names = "--weights", paramLabel = "FILE", description = "start from these weights")
  Path weights;

  @Option(
      names = "--task",
      paramLabel = "CLASS",
      description = "a task of your own, found through ET_CLASSPATH (docs/your-own.md)")
  String task;

  @Override
  public Integer call() {
    return run.run(this);
  }

  @Override
  public RunOptions options(RunOptions common, Recipe recipe, DatasetSplits data) {
    RunOptions options = common.withWeights(weights);
    return task == null ? options : options.withTask(TaskClass.factory(task));
  }

  @Override
  public String result(Summary summary, RunOptions options) {
    return accuracy(summary, options);
  }

  /** How a run that tells classes apart ended. */
  static String accuracy(Summary summary, RunOptions options) {
    return String.format(
        Locale.ROOT,
        "accuracy %.2f%% on %d images, %.0f s of training; weights in %s",
        100 * summary.accuracy(),
        summary.validationImages(),
        summary.trainingSeconds(),
        options.out().resolve("model.safetensors"));
  }
}
