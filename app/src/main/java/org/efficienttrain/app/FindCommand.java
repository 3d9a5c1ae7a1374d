package org.efficienttrain.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.efficienttrain.app.chart.LineChart;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.run.BatchFinder;
import org.efficienttrain.training.run.RateFinder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Finds a learning rate, or the largest batch that fits. */
@Command(
    name = "find",
    mixinStandardHelpOptions = true,
    description = "Finds a learning rate (lr), or the largest micro-batch that fits (batch).",
    subcommands = {FindCommand.OfRate.class, FindCommand.OfBatch.class})
final class FindCommand implements Runnable {
  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** What both search with. */
  static final class What {
    @Option(
        names = "--data",
        paramLabel = "DIR",
        required = true,
        description = "dataset, as in './et train'")
    private String data;

    @Option(names = "--curriculum", paramLabel = "NAME", description = "whose bandwidths")
    private String curriculum;

    @Mixin private RecipeChoice choice;

    @Mixin private MachineOptions machine;

    private interface Search {
      void run(Job job);
    }

    private void search(Search search) {
      machine.useThreads();
      RecipeSettings settings = choice.settings(curriculum, RecipeSettings.none());
      try (DatasetSplits splits = Datasets.openSplits(data, 0.1, 0, Console.progress())) {
        Recipe complete = settings.resolve(splits.train().size());
        RunOptions options = RunOptions.in(Path.of(".")).withDevice(machine.device());
        if (machine.threads() != null) {
          options = options.withWorkers(machine.threads());
        }
        search.run(
            Job.alone(complete, new DatasetSplits(splits.train(), splits.validation()), options));
      }
    }
  }

  /** The learning-rate range test. */
  @Command(
      name = "lr",
      mixinStandardHelpOptions = true,
      description = "Trains at a rising learning rate and says where the loss fell fastest.")
  static final class OfRate implements Callable<Integer> {
    @Mixin What what;

    @Option(
        names = "--lowest",
        paramLabel = "X",
        defaultValue = "1e-6",
        description = "first rate (default: ${DEFAULT-VALUE})")
    double lowest;

    @Option(
        names = "--highest",
        paramLabel = "X",
        defaultValue = "10",
        description = "last rate (default: ${DEFAULT-VALUE})")
    double highest;

    @Option(
        names = "--steps",
        paramLabel = "N",
        defaultValue = "100",
        description = "steps from one to the other (default: ${DEFAULT-VALUE})")
    int steps;

    @Option(
        names = "--out",
        paramLabel = "FILE",
        defaultValue = "lr.png",
        description = "picture of the curve, a PNG file (default: ${DEFAULT-VALUE})")
    Path out;

    @CommandLine.Spec CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() {
      Pictures.requirePng("--out", out);
      what.search(
          job -> {
            RateFinder found = RateFinder.run(job, lowest, highest, steps, Console.progress());
            print(spec, found.toText());
            Pictures.write(chart(found, job.recipe().model()).toPng(), out);
            print(spec, out + System.lineSeparator());
          });
      return 0;
    }
  }

  /** The largest micro-batch. */
  @Command(
      name = "batch",
      mixinStandardHelpOptions = true,
      description = "Says how many images fit in memory at once, at every bandwidth.")
  static final class OfBatch implements Callable<Integer> {
    @Mixin What what;

    @CommandLine.Spec CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() {
      what.search(job -> print(spec, BatchFinder.run(job, Console.progress()).toText()));
      return 0;
    }
  }

  static LineChart chart(RateFinder found, String model) {
    List<RateFinder.Point> points = found.points();
    double[] losses = new double[2 * points.size()];
    double[] smoothed = new double[2 * points.size()];
    for (int i = 0; i < points.size(); i++) {
      losses[2 * i] = points.get(i).rate();
      losses[2 * i + 1] = points.get(i).loss();
      smoothed[2 * i] = points.get(i).rate();
      smoothed[2 * i + 1] = points.get(i).smoothed();
    }
    LineChart chart =
        new LineChart("Learning-rate range test of " + model, "learning rate")
            .logarithmic()
            .line("loss", losses, 5)
            .line("smoothed", smoothed, 0);
    return Double.isNaN(found.suggestion())
        ? chart
        : chart.mark(
            found.suggestion(), String.format(Locale.ROOT, "try %.2g", found.suggestion()));
  }

  private static void print(CommandLine.Model.CommandSpec spec, String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }
}
