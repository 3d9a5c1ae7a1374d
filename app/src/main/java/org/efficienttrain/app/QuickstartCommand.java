package org.efficienttrain.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.efficienttrain.app.report.ReportWriter;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.images.dataset.QuickstartSet;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.Training;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.report.Summary;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains one network with and without the curriculum on the embedded images, and compares. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a small network on embedded images, without and with the curricula.",
      "Compares accuracy and time: a few minutes on two cores."
    })
final class QuickstartCommand implements Callable<Integer> {
  private static final String MODEL = "resnet8";
  private static final int BATCH_SIZE = 32;
  private static final double LEARNING_RATE = 3e-3;
  private static final double BASELINE_EPOCHS = 4;

  /** A run of the comparison; {@code epochs} are equivalent epochs with efficienttrain++. */
  record Entry(String label, String curriculum, double epochs) {}

  static final List<Entry> ENTRIES =
      List.of(
          new Entry("baseline", "none", BASELINE_EPOCHS),
          new Entry("efficienttrain", "efficienttrain", BASELINE_EPOCHS),
          new Entry("efficienttrain++", "efficienttrain++", BASELINE_EPOCHS * 2 / 3));

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "runs/quickstart",
      description = "output folder (default: ${DEFAULT-VALUE})")
  Path out;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "seed of all runs (default: ${DEFAULT-VALUE})")
  long seed;

  @Option(names = "--resume", description = "go on with the runs in the output folder, if any")
  boolean resume;

  @Mixin RecipeOptions recipeOptions;

  @Mixin MachineOptions machine;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    machine.useThreads();
    List<Summary> summaries = new ArrayList<>();
    List<Path> folders = new ArrayList<>();
    try (DatasetSplits splits =
        Datasets.openSplits(QuickstartSet.NAME, 0.2, 0, Console.progress())) {
      DatasetSplits data = new DatasetSplits(splits.train(), splits.validation());
      for (Entry entry : ENTRIES) {
        System.err.printf(
            "%n%s: %s, %,d images of %d pixels%n",
            entry.label(), MODEL, data.train().size(), QuickstartSet.SIDE);
        Path usual = out.resolve(entry.label());
        Path folder = resume ? usual : Folders.fresh(usual);
        folders.add(folder);
        RunOptions options =
            RunOptions.in(folder)
                .withDevice(machine.device())
                .withResume(resume, false)
                .withCheckpoints(60, 1);
        summaries.add(
            Training.run(
                recipe(entry, data.train().size()), data, options, List.of(Console.training())));
      }
    }
    Path report = out.resolve("report.html");
    ReportWriter.write(folders, report);
    print(summaries, report, spec.commandLine().getOut());
    return 0;
  }

  private Recipe recipe(Entry entry, int images) {
    return recipeOptions.over(settings(entry).with("seed", seed)).resolve(images);
  }

  /** What one of the three runs says; the rest follows. */
  static RecipeSettings settings(Entry entry) {
    return RecipeSettings.none()
        .with("model", MODEL)
        .with("imageSize", QuickstartSet.SIDE)
        .with("epochs", entry.epochs())
        .with("baselineEpochs", BASELINE_EPOCHS)
        .with("curriculum", entry.curriculum())
        .with("batchSize", BATCH_SIZE)
        .with("optimizer", "adamw")
        .with("learningRate", LEARNING_RATE)
        .with("trainingCrop", "resized")
        .with("minCropArea", 0.5)
        .with("evaluateEvery", 1);
  }

  private static void print(List<Summary> summaries, Path report, PrintWriter out) {
    Summary baseline = summaries.get(0);
    out.printf(
        "%n%-18s %9s %15s %9s %10s%n", "", "accuracy", "training time", "speed-up", "predicted");
    for (int i = 0; i < summaries.size(); i++) {
      Summary s = summaries.get(i);
      out.printf(
          Locale.ROOT,
          "%-18s %8.1f%% %13.0f s %8.2fx %9.2fx%n",
          ENTRIES.get(i).label(),
          100 * s.accuracy(),
          s.trainingSeconds(),
          baseline.trainingSeconds() / s.trainingSeconds(),
          s.work().predictedSpeedup());
    }
    out.printf("%nCurves and pictures:  %s%n", report);
    out.printf(
        "On your images:  ./et train --data DIR --model resnet18 --epochs 30 --curriculum"
            + " efficienttrain%n");
    out.flush();
  }
}
