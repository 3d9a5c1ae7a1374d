package org.efficienttrain.app;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.augment.Corruption;
import org.efficienttrain.images.loader.BrokenFiles;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.tensor.distributed.Ranks;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.evaluation.Calibration;
import org.efficienttrain.training.evaluation.ConfusionMatrix;
import org.efficienttrain.training.evaluation.Inference;
import org.efficienttrain.training.evaluation.Measurement;
import org.efficienttrain.training.evaluation.NearestNeighbours;
import org.efficienttrain.training.evaluation.TrainedModel;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures a trained network on labelled images. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures a trained network on labelled images.",
    footer = {
      "",
      "Example:  ./et evaluate runs/photos --data photos --sizes 160,192,224 --knn 20",
    })
final class EvaluateCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN|WEIGHTS", description = "the folder of a run, or a weight file")
  Path source;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      required = true,
      description = "dataset in any form (docs/data.md); its validation part, where it has one")
  String data;

  @Option(
      names = "--val-fraction",
      paramLabel = "X",
      description = "of a dataset in one part, only what training with the same X held back")
  Double valFraction;

  @Option(
      names = "--sizes",
      paramLabel = "N,N,...",
      split = ",",
      hideParamSyntax = true,
      description = "measure at each of these sides; pictures and tables are of the first")
  List<Integer> sizes;

  @Option(
      names = "--knn",
      paramLabel = "K",
      description = "also classify by the K training images with the most similar features")
  Integer neighbours;

  @Option(
      names = "--corruptions",
      description = "also measure on noise, blur, JPEG, contrast and brightness at five strengths")
  boolean corruptions;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "seed of the noise (default: ${DEFAULT-VALUE})")
  long seed;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "output folder, written over (default: RUN/evaluation)")
  Path out;

  @Option(
      names = "--max-broken",
      paramLabel = "X",
      defaultValue = "0.01",
      description = "share of unreadable images that stops it (default: ${DEFAULT-VALUE})")
  double maxBroken;

  @Option(
      names = "--nproc",
      paramLabel = "N",
      description = "processes that share the images, one per GPU with cuda")
  Integer processes;

  @Mixin ModelOptions model;
  @Mixin MachineOptions machine;
  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    checkRanges();
    machine.useThreads();
    if (processes != null && processes > 1) {
      refuseOnce();
      List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
      return LocalRanks.run(processes, LocalRanks.withoutCount(arguments));
    }
    Ranks ranks = Ranks.of(System.getenv());
    if (LocalRanks.launched()) {
      LocalRanks.endWithLauncher();
    }
    Device wanted = machine.device();
    Device device = wanted.isCuda() ? Device.parse(ranks.device(wanted).toString()) : wanted;
    try (Collective collective = Collective.join(ranks, device, RunMixin::endStuck)) {
      try {
        measure(device, collective);
        collective.finish();
      } catch (RuntimeException e) {
        throw collective.failed(e);
      }
    }
    return 0;
  }

  private void checkRanges() {
    if (processes != null && (processes < 1 || processes > 1024)) {
      throw new UserError("--nproc must be 1 to 1024, not " + processes);
    }
    if (neighbours != null && neighbours < 1) {
      throw new UserError("--knn must be at least 1, not " + neighbours);
    }
    if (!(maxBroken >= 0 && maxBroken <= 1)) {
      throw new UserError("--max-broken must be 0 to 1, not " + maxBroken);
    }
  }

  /** Says what is wrong with the arguments before every process would. */
  private void refuseOnce() {
    try (TrainedModel trained = open();
        EvaluationData images = images(trained)) {
      sides(trained, model.inference(trained, machine));
    }
  }

  private TrainedModel open() {
    return TrainedModel.open(source, model.wanted(neighbours != null));
  }

  private EvaluationData images(TrainedModel trained) {
    EvaluationData images = EvaluationData.open(data, valFraction, trained);
    if (neighbours != null && images.train() == null) {
      images.close();
      throw new UserError(
          "--knn needs training images beside those to measure, and %s has one part: give a folder with train and val, or --val-fraction"
              .formatted(data));
    }
    return images;
  }

  private List<Integer> sides(TrainedModel trained, Inference how) {
    List<Integer> sides = sizes == null ? List.of(how.side()) : sizes;
    sides.forEach(side -> ModelOptions.checked(trained, side));
    return sides;
  }

  private void measure(Device device, Collective ranks) {
    try (TrainedModel trained = open();
        EvaluationData images = images(trained)) {
      Inference how = model.inference(trained, machine).withDevice(device).withMaxBroken(maxBroken);
      List<Integer> sides = sides(trained, how);
      trained.network().to(device);
      Progress progress = ranks.isFirst() ? Console.progress() : Progress.NONE;
      Measurement measurement = new Measurement(trained.network(), ranks, progress);
      new Passes(trained, images, measurement, ranks.isFirst())
          .run(how.withSide(sides.get(0)), sides);
    }
  }

  /** RUN/evaluation for a run, a folder beside the file for a file. */
  private Path folder() {
    if (out != null) {
      return out;
    }
    if (Files.isDirectory(source)) {
      return source.resolve("evaluation");
    }
    String name = source.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return source.resolveSibling((dot > 0 ? name.substring(0, dot) : name) + "-evaluation");
  }

  /** All that is measured of one network, told and written by the first rank. */
  private final class Passes {
    private final TrainedModel trained;
    private final EvaluationData images;
    private final Measurement measurement;
    private final boolean first;
    private final PrintWriter console = spec.commandLine().getOut();
    private final Map<String, Object> results = new LinkedHashMap<>();

    Passes(TrainedModel trained, EvaluationData images, Measurement measurement, boolean first) {
      this.trained = trained;
      this.images = images;
      this.measurement = measurement;
      this.first = first;
    }

    void run(Inference how, List<Integer> sides) {
      List<String> classes = trained.hasHead() ? trained.classes() : images.train().classes();
      EvaluationResults files = first ? new EvaluationResults(folder(), classes) : null;
      describe(how);
      if (trained.hasHead()) {
        sizes(how, sides, files);
        if (corruptions) {
          corruptions(how);
        }
      }
      if (neighbours != null) {
        neighbours(how);
      }
      if (first) {
        files.writeJson(results);
        console.printf("results in %s%n", folder());
        console.flush();
      }
    }

    private void describe(Inference how) {
      if (first) {
        trained.notes().forEach(note -> System.err.println("note: " + note));
        if (images.part().equals("all")) {
          System.err.printf(
              "note: %s has one part, of which all %d images are measured; if the network trained"
                  + " on some of them, give the --val-fraction of its training%n",
              data, images.test().size());
        }
      }
      results.put("model", trained.network().name());
      results.put("weights", trained.file().toString());
      results.put("data", data);
      results.put("part", images.part());
      results.put("fingerprint", images.test().fingerprint());
      results.put("crop", how.crop());
      results.put("precision", how.precision().toString().toLowerCase(Locale.ROOT));
      results.put("device", how.device().toString());
    }

    private void sizes(Inference how, List<Integer> sides, EvaluationResults files) {
      print(
          "%-6s %8s %8s %8s %9s %8s %10s",
          "size", "top-1", "top-5", "loss", "macro-F1", "ECE", "images/s");
      List<Map<String, Object>> all = new ArrayList<>();
      for (int side : sides) {
        Inference at = how.withSide(side);
        Measurement.Result result =
            measurement.classify(at, images.test(), at.transform(), side + " pixels");
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("imageSize", side);
        figures.putAll(EvaluationResults.figures(result.outcomes()));
        double rate = result.outcomes().size() / result.seconds();
        figures.put("imagesPerSecond", rate);
        all.add(figures);
        print(
            "%-6d %7.2f%% %7.2f%% %8.4f %9.4f %7.2f%% %10.0f",
            side,
            100 * (double) figures.get("top1"),
            100 * (double) figures.get("top5"),
            (double) figures.get("loss"),
            (double) figures.get("macroF1"),
            100 * (double) figures.get("calibrationError"),
            rate);
        if (all.size() == 1) {
          results.putAll(figures);
          results.put("broken", images.test().size() - result.outcomes().size());
          warn(result.broken());
          if (first) {
            results.put("calibration", Calibration.of(result.outcomes()).bins());
            ConfusionMatrix matrix = ConfusionMatrix.of(result.outcomes());
            results.put("classes", files.perClass(matrix));
            weakest(matrix);
            files.write(result.outcomes(), images.test(), at);
          }
        }
      }
      results.put("sizes", all);
    }

    /** The classes that most need attention, on the console. */
    private void weakest(ConfusionMatrix matrix) {
      List<Integer> order = new ArrayList<>();
      for (int c = 0; c < matrix.classes(); c++) {
        if (matrix.support(c) > 0) {
          order.add(c);
        }
      }
      order.sort(java.util.Comparator.comparingDouble(matrix::f1));
      print(
          "%n%-30s %8s %10s %8s %8s",
          "class (weakest first)", "images", "precision", "recall", "F1");
      for (int c : order.subList(0, Math.min(10, order.size()))) {
        print(
            "%-30s %8d %9.2f%% %7.2f%% %8.4f",
            trained.classes().get(c),
            matrix.support(c),
            100 * matrix.precision(c),
            100 * matrix.recall(c),
            matrix.f1(c));
      }
      print("");
    }

    private void corruptions(Inference how) {
      print("%n%-12s %8s %8s %8s %8s %8s %8s", "corruption", "1", "2", "3", "4", "5", "mean");
      Map<String, Object> kinds = new LinkedHashMap<>();
      double sum = 0;
      for (Corruption kind : Corruption.values()) {
        String name = kind.name().toLowerCase(Locale.ROOT);
        List<Double> accuracies = new ArrayList<>();
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-12s", name));
        for (int strength = 1; strength <= Corruption.STRENGTHS; strength++) {
          double top1 =
              measurement
                  .classify(
                      how,
                      images.test(),
                      kind.after(how.transform(), strength, seed),
                      name + " " + strength)
                  .outcomes()
                  .topAccuracy(1);
          accuracies.add(top1);
          line.append(String.format(Locale.ROOT, " %7.2f%%", 100 * top1));
        }
        double mean = accuracies.stream().mapToDouble(a -> a).average().orElse(0);
        sum += mean;
        print("%s %7.2f%%", line, 100 * mean);
        kinds.put(name, accuracies);
      }
      double mean = sum / Corruption.values().length;
      print("%-12s %52.2f%%", "all", 100 * mean);
      Map<String, Object> out = new LinkedHashMap<>();
      out.put("seed", seed);
      out.put("top1", kinds);
      out.put("mean", mean);
      results.put("corruptions", out);
    }

    private void neighbours(Inference how) {
      Measurement.Result result =
          measurement.neighbours(how, images.train(), images.test(), neighbours);
      double top1 = result.outcomes().topAccuracy(1);
      double top5 = result.outcomes().topAccuracy(Math.min(5, neighbours));
      print(
          "%d nearest neighbours: top-1 %.2f%%, top-5 %.2f%%", neighbours, 100 * top1, 100 * top5);
      Map<String, Object> out = new LinkedHashMap<>();
      out.put("neighbours", neighbours);
      out.put("temperature", NearestNeighbours.TEMPERATURE);
      out.put("trainingImages", images.train().size());
      out.put("imageSize", how.side());
      out.put("images", result.outcomes().size());
      out.put("top1", top1);
      out.put("top5", top5);
      results.put("knn", out);
    }

    private void warn(BrokenFiles broken) {
      if (broken.count() > 0) {
        System.err.printf(
            "note: %s left out, for example %s%n", broken.summary(), broken.list().get(0).name());
      }
    }

    private void print(String format, Object... values) {
      if (first) {
        console.printf(Locale.ROOT, format + "%n", values);
        console.flush();
      }
    }
  }
}
