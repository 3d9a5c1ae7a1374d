package org.efficienttrain.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.efficienttrain.app.dashboard.DashboardServer;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.images.loader.CachedDataset;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Torch;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.tensor.distributed.Ranks;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.Training;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.loop.Plans;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.report.Summary;
import org.efficienttrain.training.report.TrainingListener;
import org.efficienttrain.training.report.tensorboard.TensorBoard;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The options of every command that makes a run, and what follows from them: images are opened, a
 * recipe is completed, processes are started, a folder is filled.
 */
final class RunMixin {
  /** What one command does in its own way. */
  interface Work {
    /** Opens the images, of which the share is held back where they lie in one part. */
    default DatasetSplits open(String data, double valFraction) {
      return Datasets.openSplits(data, valFraction, 0, Console.progress());
    }

    /** Completes the recipe for these images. */
    default Recipe recipe(RecipeSettings chosen, DatasetSplits splits) {
      return chosen.resolve(splits.train().size());
    }

    /** What the run is told besides the common options. */
    RunOptions options(RunOptions common, Recipe recipe, DatasetSplits data);

    /** One line about how it ended. */
    String result(Summary summary, RunOptions options);
  }

  /** Longest name of a folder made up here: that of a curriculum written out may be any length. */
  private static final int MAX_NAME = 100;

  @Option(
      names = "--keep-steps",
      paramLabel = "N,...",
      split = ",",
      hidden = true,
      description = "steps of checkpoints that other runs go on from")
  List<Long> keptSteps = List.of();

  @Option(
      names = "--dashboard",
      paramLabel = "PORT",
      arity = "0..1",
      fallbackValue = "" + DashboardCommand.DEFAULT_PORT,
      description = "show the run on a page while it trains (default port: ${FALLBACK-VALUE})")
  Integer dashboard;

  @Option(names = "--tensorboard", description = "also write event files for TensorBoard")
  boolean tensorboard;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      required = true,
      description =
          "dataset: a folder of class folders, or one with train/ and val/, an archive, or a packed"
              + " file (docs/data.md); 'quickstart:' is the embedded one")
  String data;

  @Mixin RecipeChoice choice;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "passes over the data; equivalent epochs with efficienttrain++")
  Double epochs;

  @Option(
      names = "--curriculum",
      paramLabel = "NAME",
      description =
          "none, efficienttrain, efficienttrain++, ..., or a file (docs/curriculum.md); with --recipe, all that the recipe changes for it")
  String curriculum;

  @Option(names = "--lr", paramLabel = "X", description = "highest learning rate")
  Double learningRate;

  @Option(
      names = "--val-fraction",
      paramLabel = "X",
      defaultValue = "0.1",
      description = "share held back where there is no val/ folder (default: ${DEFAULT-VALUE})")
  double valFraction;

  @Option(names = "--out", paramLabel = "DIR", description = "output folder (default: runs/...)")
  Path out;

  @Option(names = "--resume", description = "go on with the run in the output folder, if any")
  boolean resume;

  @Option(names = "--force", description = "resume although the recipe or the data changed")
  boolean force;

  @Option(
      names = "--max-broken",
      paramLabel = "X",
      description = "share of unreadable training images that stops the run (default: 0.01)")
  Double maxBroken;

  @Option(names = "--dry-run", description = "print the plan, memory and time; do not train")
  boolean dryRun;

  @Mixin MachineOptions machine;

  @Option(names = "--workers", paramLabel = "N", description = "image workers (default: threads)")
  Integer workers;

  @Option(
      names = "--cache-gb",
      paramLabel = "X",
      description = "keep up to X GB of the training images' files in memory (default: none)")
  double cacheGb;

  @Option(
      names = "--nproc",
      paramLabel = "N",
      description = "processes that share every batch, one per GPU with cuda (docs/distributed.md)")
  Integer processes;

  @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
  CommandLine.Model.CommandSpec spec;

  /** Makes the run, or says what it would be, and returns the exit code. */
  Integer run(Work work) {
    RecipeSettings chosen = settings();
    checkRanges();
    machine.useThreads();
    Ranks ranks = Ranks.of(System.getenv());
    Device where = device(ranks);
    if (LocalRanks.launched()) {
      LocalRanks.endWithLauncher();
    }
    try (DatasetSplits splits = work.open(data, valFraction)) {
      if (ranks.rank() == 0 && !LocalRanks.launched()) {
        System.err.println(splits.description());
      }
      DatasetSplits both = new DatasetSplits(cached(splits.train()), splits.validation());
      Recipe complete = work.recipe(chosen, splits);
      Path folder = out != null ? out : defaultFolder(complete);
      RunOptions options = RunOptions.in(folder).withDevice(where).withResume(resume, force);
      options = options.withKeptSteps(keptSteps);
      options = options.withWorkers(workerCount(options));
      if (maxBroken != null) {
        options = options.withMaxBroken(maxBroken);
      }
      options = work.options(options, complete, both);
      if (dryRun) {
        plan(complete, both, options, ranks);
        return 0;
      }
      if (processes == null || processes == 1) {
        train(complete, both, options, ranks, work);
        return 0;
      }
      Plans.plan(complete, splits.train().size(), processes); // refuses what cannot be split
    }
    return LocalRanks.run(processes, LocalRanks.withoutCount(originalArguments()));
  }

  /** The device of this process; checks those of the processes that it is to start too. */
  private Device device(Ranks ranks) {
    Device wanted = machine.device();
    if (wanted.isCuda() && processes != null) {
      Device.parse("cuda:" + (processes - 1));
    }
    return wanted.isCuda() ? Device.parse(ranks.device(wanted).toString()) : wanted;
  }

  /** Prints the plan: of the ranks that {@code --nproc} would start here, or of a launcher's. */
  private void plan(Recipe complete, DatasetSplits both, RunOptions options, Ranks ranks) {
    if (ranks.several() || processes == null) {
      int count = ranks.worldSize();
      if (ranks.rank() == 0) {
        print(Training.dryRun(complete, both, options, count, count).toText());
      }
      return;
    }
    int cores = Runtime.getRuntime().availableProcessors();
    int share = ThisProgram.share(processes);
    RunOptions ofRank = options.withWorkers(workerCount(options.withWorkers(share)));
    if (machine.threads() == null && System.getenv("OMP_NUM_THREADS") == null) {
      Torch.setThreads(share);
    }
    int atOnce = options.device().isCuda() ? processes : Math.min(processes, cores);
    print(Training.dryRun(complete, both, ofRank, processes, atOnce).toText());
  }

  private void train(
      Recipe complete, DatasetSplits both, RunOptions options, Ranks ranks, Work work) {
    try (DashboardServer page = ranks.rank() == 0 ? page(options.out()) : null;
        Collective collective = Collective.join(ranks, options.device(), RunMixin::endStuck)) {
      List<TrainingListener> listeners =
          tensorboard
              ? List.of(Console.training(), new TensorBoard(options.out()))
              : List.of(Console.training());
      Summary summary = Training.run(complete, both, options, listeners, collective);
      if (collective.isFirst()) {
        print(work.result(summary, options));
      }
    }
  }

  /** The page of this run, or null. */
  private DashboardServer page(Path folder) {
    if (dashboard == null) {
      return null;
    }
    DashboardCommand.checkPort("--dashboard", dashboard);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UserError("cannot make the output folder " + folder + ": " + e.getMessage(), e);
    }
    DashboardServer page = DashboardServer.start(List.of(folder), "127.0.0.1", dashboard, null);
    System.err.println("dashboard: " + page.address());
    return page;
  }

  /** Another rank is gone and training does not come back from waiting for it. */
  static void endStuck(TensorException e) {
    System.err.println("et: " + e.getMessage());
    System.err.flush();
    Runtime.getRuntime().halt(Main.USER_ERROR);
  }

  private List<String> originalArguments() {
    return spec.root().commandLine().getParseResult().originalArgs();
  }

  private void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text.stripTrailing());
    out.flush();
  }

  private RecipeSettings settings() {
    return choice.settings(
        curriculum,
        RecipeSettings.none().with("epochs", epochs).with("learningRate", learningRate));
  }

  private void checkRanges() {
    if (processes != null && (processes < 1 || processes > 1024)) {
      throw new UserError("--nproc must be 1 to 1024, not " + processes);
    }
    if (processes != null && System.getenv("WORLD_SIZE") != null) {
      throw new UserError(
          "--nproc starts processes itself, but WORLD_SIZE says that a launcher did: leave out"
              + " one");
    }
    if (workers != null && (workers < 1 || workers > 1024)) {
      throw new UserError("--workers must be 1 to 1024, not " + workers);
    }
    if (!(cacheGb >= 0 && cacheGb <= 1e6)) {
      throw new UserError("--cache-gb must be 0 to 1000000, not " + cacheGb);
    }
    if (!(valFraction > 0 && valFraction < 1)) {
      throw new UserError("--val-fraction must lie between 0 and 1, not be " + valFraction);
    }
  }

  private ImageDataset cached(ImageDataset dataset) {
    return cacheGb == 0 ? dataset : new CachedDataset(dataset, (long) (cacheGb * 1e9));
  }

  private int workerCount(RunOptions options) {
    if (workers != null) {
      return workers;
    }
    return machine.threads() != null ? machine.threads() : options.workers();
  }

  /** runs/MODEL-CURRICULUM: the existing one to resume, a fresh one to start. */
  private Path defaultFolder(Recipe complete) {
    String name = complete.model() + "-" + complete.curriculum();
    String safe = name.replaceAll("[^A-Za-z0-9+_-]+", "-");
    Path folder = Path.of("runs", safe.substring(0, Math.min(MAX_NAME, safe.length())));
    return resume ? folder : Folders.fresh(folder);
  }
}
