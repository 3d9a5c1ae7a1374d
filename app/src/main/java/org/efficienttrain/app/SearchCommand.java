package org.efficienttrain.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.curriculum.search.Rehearsal;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.training.Job;
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
      Recipe base = base(splits, options);
      TrialRuns runs = new TrialRuns(base, splits, options);
      CurriculumSearch search =
          choice.search(runs, LongStream.range(0, seeds).mapToObj(i -> base.seed() + i).toList());
      search(search, SearchSpeeds.measure(base, splits, options, choice.bandwidths(base)));
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
  private Recipe base(DatasetSplits splits, RunOptions options) {
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
    return Job.alone(complete, splits, options).recipe();
  }

  private void search(CurriculumSearch search, SearchSpeeds speeds) {
    Rehearsal rehearsal = search.rehearsal();
    int atOnce = machine.device().isCuda() ? parallel : 1; // cores are shared, GPUs are not
    print(
        String.format(
            Locale.ROOT,
            "at most %d trainings, %.1f equivalent runs, about %s here",
            rehearsal.trainings().size(),
            rehearsal.equivalentRuns(),
            Durations.text(search.seconds(speeds, atOnce))));
    if (dryRun) {
      return;
    }
    TrialRunner runner =
        parallel == 1 ? TrialRunner.here() : new ChildRuns(parallel, data, valFraction, machine);
    CurriculumSearch.Outcome outcome =
        search.run(
            runner,
            speeds,
            budget == null ? Double.POSITIVE_INFINITY : budget * 3600,
            new SearchConsole(System.err),
            Main.VERSION);
    Path picture = SearchPicture.write(search, outcome.result());
    print(
        String.format(
            Locale.ROOT,
            "%s%n%s%d trainings, %.1f equivalent runs, %s%n%s%n%s",
            outcome.result().curriculum().toText(),
            outcome.result().complete() ? "" : "the budget ended the search early; ",
            outcome.trainings(),
            outcome.equivalentRuns(),
            Durations.text(outcome.seconds()),
            out.resolve("curriculum.yaml"),
            picture));
  }

  private void print(String text) {
    PrintWriter console = spec.commandLine().getOut();
    console.println(text);
    console.flush();
  }
}
