package org.efficienttrain.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.curriculum.search.Rehearsal;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.efficienttrain.training.report.Durations;
import org.efficienttrain.training.search.CurriculumSearch;
import org.efficienttrain.training.search.SearchSpeeds;
import org.efficienttrain.training.search.TrialRunner;
import org.efficienttrain.training.search.TrialRuns;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Searches for a curriculum that suits a network and images. */
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Searches for a curriculum by training (docs/search.md).",
    footer = {
      "",
      "Example:  ./et search --data photos --model resnet18 --algorithm compute --stages 5 --candidates 96,160,224 --epochs 10 --out found",
      "          ./et train --data photos --model resnet18 --epochs 30 --curriculum found/curriculum.yaml",
    })
final class SearchCommand implements Callable<Integer> {
  private static final int MOST = 64;

  /** Options that mean nothing to a training. */
  private static final Set<String> OF_SEARCHES =
      Set.of(
          "--algorithm",
          "--stages",
          "--candidates",
          "--tuning",
          "--tolerance",
          "--curriculum",
          "--seeds",
          "--budget",
          "--parallel",
          "--out");

  @Option(
      names = "--data",
      paramLabel = "DIR",
      required = true,
      description = "dataset, as in './et train'")
  private String data;

  @Mixin private RecipeChoice recipe;

  @Mixin private SearchChoice choice;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "length of a whole run; of the compute that is shared out with compute")
  private Double epochs;

  @Option(
      names = "--seeds",
      paramLabel = "S",
      defaultValue = "1",
      description =
          "each candidate is trained with so many seeds, from --seed on (default: ${DEFAULT-VALUE})")
  private int seeds;

  @Option(
      names = "--budget",
      paramLabel = "HOURS",
      description = "end before the trainings take longer, with what was found by then")
  private Double budget;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "1",
      description = "trainings at once, each in a process of its own (default: ${DEFAULT-VALUE})")
  private int parallel;

  @Option(
      names = "--val-fraction",
      paramLabel = "X",
      defaultValue = "0.1",
      description = "share held back where there is no val/ folder (default: ${DEFAULT-VALUE})")
  private double valFraction;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "folder of the search; one that was stopped goes on")
  private Path out;

  @Option(
      names = "--task",
      paramLabel = "CLASS",
      description = "a task of your own, found through ET_CLASSPATH (docs/your-own.md)")
  private String task;

  @Option(names = "--dry-run", description = "print what it would train, and how long; do not")
  private boolean dryRun;

  @Mixin private MachineOptions machine;

  @Option(names = "--workers", paramLabel = "N", description = "image workers (default: threads)")
  private Integer workers;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    check();
    machine.useThreads();
    try (DatasetSplits splits = Datasets.openSplits(data, valFraction, 0, Console.progress())) {
      System.err.println(splits.description());
      RunOptions options = RunOptions.in(out).withDevice(machine.device());
      if (workers != null || machine.threads() != null) {
        options = options.withWorkers(workers != null ? workers : machine.threads());
      }
      if (task != null) {
        options = options.withTask(TaskClass.factory(task));
      }
      TrialRuns runs = new TrialRuns(base(splits), splits, options);
      long seed = runs.base().seed();
      CurriculumSearch search =
          choice.search(runs, LongStream.range(seed, seed + seeds).boxed().toList());
      search(search);
    }
    return 0;
  }

  private void check() {
    if (seeds < 1 || seeds > MOST || parallel < 1 || parallel > MOST) {
      throw new UserError("--seeds and --parallel must be 1 to " + MOST);
    }
    if (budget != null && !(budget > 0 && budget <= 1e6)) {
      throw new UserError("--budget must be above 0 and at most 1000000 hours, not " + budget);
    }
    if (!(valFraction > 0 && valFraction < 1)) {
      throw new UserError("--val-fraction must lie between 0 and 1, not be " + valFraction);
    }
  }

  /** The recipe that all trainings have in common. */
  private Recipe base(DatasetSplits splits) {
    String placeholder = choice.placeholder();
    RecipeSettings settings =
        recipe.settings(placeholder, RecipeSettings.none().with("epochs", epochs));
    if (!settings.values().containsKey("evaluateEvery")) {
      settings = settings.with("evaluateEvery", 0);
    }
    Recipe complete = settings.resolve(splits.train().size());
    if (!Curricula.of(placeholder).equals(Curricula.of(complete.curriculum()))) {
      throw new UserError(
          "a search finds the curriculum itself: leave it out of --set, or name one with --curriculum where the magnitude is searched");
    }
    return complete;
  }

  private void search(CurriculumSearch search) {
    Rehearsal rehearsal = search.rehearsal();
    int devices = machine.device().isCuda() ? parallel : 1; // cores are shared, GPUs are not
    SearchSpeeds speeds = SearchSpeeds.measure(search).times(devices);
    print(
        String.format(
            Locale.ROOT,
            "at most %d trainings, %.1f equivalent runs, about %s here",
            rehearsal.trainings().size(),
            rehearsal.equivalentRuns(),
            Durations.text(speeds.seconds(rehearsal))));
    if (dryRun) {
      return;
    }
    TrialRunner runner =
        parallel == 1
            ? TrialRunner.here()
            : new ChildRuns(parallel, data, valFraction, machine, task);
    double seconds = budget == null ? Double.POSITIVE_INFINITY : budget * 3600;
    CurriculumSearch.Outcome outcome =
        search.run(
            new CurriculumSearch.Setting(runner, speeds, seconds, Main.VERSION),
            new SearchConsole(System.err));
    Path picture = SearchPicture.write(search, outcome.result());
    print(SearchReport.text(outcome, picture, trainingCommand(outcome.file())));
  }

  /** How to train with what was found: the words of this command, but for those of the search. */
  private String trainingCommand(Path file) {
    StringBuilder command = new StringBuilder("./et train");
    // An option given twice is listed twice, each time with all its values.
    for (CommandLine.Model.OptionSpec option :
        new LinkedHashSet<>(spec.commandLine().getParseResult().matchedOptions())) {
      if (!OF_SEARCHES.contains(option.longestName())) {
        for (String value : option.originalStringValues()) {
          command.append(' ').append(option.longestName()).append(' ').append(Main.quoted(value));
        }
      }
    }
    return command.append(" --curriculum ").append(Main.quoted(file.toString())).toString();
  }

  private void print(String text) {
    PrintWriter console = spec.commandLine().getOut();
    console.println(text);
    console.flush();
  }
}
