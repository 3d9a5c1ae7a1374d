package org.efficienttrain.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.images.dataset.QuickstartSet;
import org.efficienttrain.models.MaeVariant;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.pretrain.MaskedAutoencoding;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.run.CurriculumTimes;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures what a user can expect of this machine. */
@Command(
    name = "benchmark",
    mixinStandardHelpOptions = true,
    description = "Measures training on this machine.",
    subcommands = BenchmarkCommand.OfCurricula.class)
final class BenchmarkCommand implements Runnable {
  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** The time of a step at every bandwidth. */
  @Command(
      name = "curriculum",
      mixinStandardHelpOptions = true,
      description =
          "Measures a training step at every bandwidth of the curricula, and how much faster each"
              + " curriculum makes a run.")
  static final class OfCurricula implements Callable<Integer> {
    @Option(names = "--model", paramLabel = "NAME", required = true, description = "the model")
    String model;

    @Option(
        names = "--image-size",
        paramLabel = "N",
        description = "final side in pixels (default: the model's)")
    Integer imageSize;

    @Option(
        names = "--batch-size",
        paramLabel = "N",
        defaultValue = "128",
        description = "images per optimiser step (default: ${DEFAULT-VALUE})")
    int batchSize;

    @Option(
        names = "--micro-batch",
        paramLabel = "N",
        defaultValue = "32",
        description =
            "images that pass the network at once at full bandwidth; more at a smaller one"
                + " (default: ${DEFAULT-VALUE})")
    int microBatch;

    @Option(
        names = "--rounds",
        paramLabel = "N",
        defaultValue = "3",
        description = "steps at every bandwidth; the median counts (default: ${DEFAULT-VALUE})")
    int rounds;

    @Mixin RecipeOptions recipeOptions;

    @Mixin MachineOptions machine;

    @CommandLine.Spec CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() {
      if (rounds < 1 || rounds > 1000) {
        throw new UserError("--rounds must be 1 to 1000, not " + rounds);
      }
      machine.useThreads();
      RecipeSettings recipe =
          recipeOptions.over(
              RecipeSettings.none()
                  .with("model", model)
                  .with("imageSize", imageSize)
                  .with("batchSize", batchSize)
                  .with("microBatch", microBatch));
      RunOptions options = RunOptions.in(Path.of(".")).withDevice(machine.device());
      if (MaeVariant.find(model).isPresent()) {
        options = options.withTask(MaskedAutoencoding.watched(MaskedAutoencoding.Watch.NOTHING));
      }
      try (DatasetSplits images =
          Datasets.openSplits(QuickstartSet.NAME, 0.1, 0, Console.progress())) {
        CurriculumTimes times =
            CurriculumTimes.measure(recipe, images.train(), options, rounds, Console.progress());
        PrintWriter out = spec.commandLine().getOut();
        out.print(times.toText());
        out.flush();
      }
      return 0;
    }
  }
}
