package org.efficienttrain.app;

import java.util.List;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.search.ComputeConstrainedSearch;
import org.efficienttrain.curriculum.search.GreedySearch;
import org.efficienttrain.curriculum.search.MagnitudeSearch;
import org.efficienttrain.curriculum.search.MagnitudeSearch.Ramps;
import org.efficienttrain.curriculum.search.NoiseRule;
import org.efficienttrain.curriculum.search.SearchSpace;
import org.efficienttrain.models.ImageSizes;
import org.efficienttrain.models.Networks;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.loop.Plans;
import org.efficienttrain.training.recipe.CurriculumFile;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.search.CurriculumSearch;
import org.efficienttrain.training.search.TrialRuns;
import picocli.CommandLine.Option;

/** Which search, and through what. */
final class SearchChoice {
  private static final int MOST_STAGES = 50;
  private static final int RAMP = 10;

  /** The algorithms. */
  enum Algorithm {
    GREEDY,
    COMPUTE,
    MAGNITUDE
  }

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      defaultValue = "compute",
      description =
          "greedy: the smallest bandwidths that cost no accuracy; compute: the best use of a compute; magnitude: of RandAugment (default: ${DEFAULT-VALUE})")
  private Algorithm algorithm;

  @Option(
      names = "--stages",
      paramLabel = "N",
      defaultValue = "5",
      description = "stages of equal shares (default: ${DEFAULT-VALUE})")
  private int stages;

  @Option(
      names = "--candidates",
      paramLabel = "B,B,...",
      split = ",",
      hideParamSyntax = true,
      description =
          "bandwidths in increasing order, the last the image size; first values of the magnitude with magnitude (default there: 0,3,6,9)")
  private List<Integer> candidates;

  @Option(
      names = "--tuning",
      paramLabel = "X",
      defaultValue = "0.05",
      description =
          "compute: length of the fine-tuning that a candidate is judged after, as a share of the run (default: ${DEFAULT-VALUE})")
  private double tuning;

  @Option(
      names = "--tolerance",
      paramLabel = "X",
      defaultValue = "0",
      description =
          "greedy: accuracy that may be lost, 0.002 for 0.2 points (default: ${DEFAULT-VALUE})")
  private double tolerance;

  @Option(
      names = "--curriculum",
      paramLabel = "NAME",
      description = "magnitude: the curriculum whose bandwidths stay (default: none)")
  private String curriculum;

  /** A curriculum that chooses the clock, and with it what a recipe has for it. */
  String placeholder() {
    if (algorithm != Algorithm.MAGNITUDE && curriculum != null) {
      throw new UserError("--curriculum is for --algorithm magnitude: the others find one");
    }
    if (algorithm == Algorithm.MAGNITUDE) {
      return curriculum == null ? "none" : CurriculumFile.named(curriculum).toText();
    }
    return algorithm == Algorithm.COMPUTE ? "compute 224:1" : "none";
  }

  /** The candidates, which the model must accept. */
  private List<Integer> checked(Recipe base) {
    if (candidates == null || candidates.isEmpty()) {
      throw new UserError(
          "which bandwidths? name them with --candidates, such as 16,20,24,28,32 for images of 32 pixels");
    }
    ImageSizes sizes = Networks.sizes(base.model());
    for (int candidate : candidates) {
      boolean full = candidate == base.imageSize();
      if (candidate < 2
          || !sizes.allows(candidate)
          || (!full && candidate % base.bandwidthMultiple() != 0)) {
        throw new UserError(
            "candidate %d is not a bandwidth that model %s takes, which must be a multiple of %d and is %s: leave it out of --candidates"
                .formatted(candidate, base.model(), base.bandwidthMultiple(), sizes));
      }
    }
    if (candidates.get(candidates.size() - 1) != base.imageSize()) {
      throw new UserError(
          "the last of --candidates must be the image size %d, not %d: every curriculum ends there"
              .formatted(base.imageSize(), candidates.get(candidates.size() - 1)));
    }
    return candidates;
  }

  /** The search. */
  CurriculumSearch search(TrialRuns runs, List<Long> seeds) {
    if (stages < 2 || stages > MOST_STAGES) {
      throw new UserError("--stages must be 2 to " + MOST_STAGES + ", not " + stages);
    }
    NoiseRule rule = NoiseRule.standard(tolerance);
    if (algorithm == Algorithm.MAGNITUDE) {
      return magnitude(runs, seeds, rule);
    }
    boolean greedy = algorithm == Algorithm.GREEDY;
    SearchSpace space =
        new SearchSpace(
            checked(runs.base()), SearchSpace.magnitudes(greedy ? 1 : 0, 9, stages), seeds);
    return new CurriculumSearch(
        runs,
        greedy ? new GreedySearch(space, rule) : new ComputeConstrainedSearch(space, tuning, rule));
  }

  private CurriculumSearch magnitude(TrialRuns runs, List<Long> seeds, NoiseRule rule) {
    Recipe recipe = runs.base();
    if (!recipe.randAugment()) {
      throw new UserError(
          "this recipe does not use RandAugment, so its magnitude makes no difference: set randAugment with --set randAugment=true");
    }
    List<Double> from =
        (candidates == null ? List.of(0, 3, 6, 9) : candidates)
            .stream().map(Integer::doubleValue).toList();
    Curriculum base = Plans.curriculum(recipe);
    Ramps ramps = new Ramps(from, List.of(1.0, 0.5, 2.0), 9, RAMP);
    MagnitudeSearch search = new MagnitudeSearch(base, ramps, seeds, rule);
    return new CurriculumSearch(runs, search);
  }
}
