package org.efficienttrain.training.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.efficienttrain.curriculum.search.ComputeConstrainedSearch;
import org.efficienttrain.curriculum.search.Decision;
import org.efficienttrain.curriculum.search.Evaluator;
import org.efficienttrain.curriculum.search.GreedySearch;
import org.efficienttrain.curriculum.search.NoiseRule;
import org.efficienttrain.curriculum.search.SearchAlgorithm;
import org.efficienttrain.curriculum.search.SearchResult;
import org.efficienttrain.curriculum.search.SearchSpace;
import org.efficienttrain.curriculum.search.Trial;
import org.efficienttrain.images.dataset.DatasetSplits;
import org.efficienttrain.training.RunOptions;
import org.efficienttrain.training.StripesData;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches by training, with networks of a few steps. */
class CurriculumSearchTest {
  private static final DatasetSplits DATA = StripesData.splits(43, 12, 16);
  private static final SearchSpace SPACE =
      new SearchSpace(List.of(8, 12, 16), SearchSpace.magnitudes(0, 9, 4), List.of(0L));

  @TempDir Path folder;

  private CurriculumSearch search(SearchAlgorithm algorithm) {
    RecipeSettings settings =
        RecipeSettings.none()
            .with("model", "resnet20_cifar")
            .with("imageSize", 16)
            .with("bandwidthMultiple", 4)
            .with("epochs", 2)
            .with("batchSize", 8)
            .with("evaluateEvery", 0)
            .with("precision", "fp32");
    RunOptions options = RunOptions.in(folder).withWorkers(2);
    return new CurriculumSearch(
        new TrialRuns(settings.resolve(DATA.train().size()), DATA, options), algorithm);
  }

  /** By a machine that is said to be so fast that no training takes time. */
  private static CurriculumSearch.Setting setting(double budgetSeconds) {
    SearchSpeeds speeds = new SearchSpeeds(Map.of(8, 1e9, 12, 1e9, 16, 1e9), 0);
    return new CurriculumSearch.Setting(TrialRunner.here(), speeds, budgetSeconds, "a test");
  }

  private List<Path> states() {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(p -> p.getFileName().toString().startsWith("step-")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> journal() throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("journal.jsonl"));
    return lines.subList(1, lines.size());
  }

  /** How many states lie on the disk after each decision. */
  private final class States implements SearchListener {
    private final List<Integer> counts = new ArrayList<>();

    @Override
    public void decided(Decision decision) {
      counts.add(states().size());
    }
  }

  @Test
  void theGreedySearchKeepsTheStatesThatALaterStageMayBeginWithAndNoOthers() throws IOException {
    // Nothing is good enough, so that every candidate is tried at every stage.
    GreedySearch hard = new GreedySearch(SPACE, new NoiseRule(0, 1, 2));
    SearchAlgorithm none = new Refusing(hard);
    States states = new States();
    CurriculumSearch.Outcome outcome = search(none).run(setting(Double.POSITIVE_INFINITY), states);
    assertThat(outcome.result().complete()).isTrue();
    // Of each of 8 and 12: after stages 1 and 2 for the stages 2 and 1 to come, then one, then
    // none.
    assertThat(states.counts).containsExactly(4, 2, 0);
    assertThat(journal()).hasSize(1 + 3 * 2);
    assertThat(journal().subList(3, 7)).noneMatch(line -> line.contains("\"firstStep\":0,"));
    assertThat(states()).isEmpty();
  }

  /** A search whose answers are all the dearest. */
  private record Refusing(GreedySearch search) implements SearchAlgorithm {
    @Override
    public SearchResult search(Evaluator evaluator) {
      return search.search(
          new Evaluator() {
            @Override
            public List<Double> accuracies(List<Trial> trials) {
              evaluator.accuracies(trials);
              return trials.stream().map(search::dearest).toList();
            }

            @Override
            public void decided(Decision decision) {
              evaluator.decided(decision);
            }
          });
    }

    @Override
    public Map<String, Object> settings() {
      return search.settings();
    }

    @Override
    public double dearest(Trial trial) {
      return search.dearest(trial);
    }
  }

  @Test
  void theComputeConstrainedSearchKeepsTheStateOfTheSliceThatWasDecidedLast() {
    States states = new States();
    ComputeConstrainedSearch compute = ComputeConstrainedSearch.of(SPACE);
    CurriculumSearch.Outcome outcome =
        search(compute).run(setting(Double.POSITIVE_INFINITY), states);
    assertThat(outcome.result().complete()).isTrue();
    assertThat(states.counts).isNotEmpty().allMatch(count -> count <= 1);
    assertThat(states.counts.get(0)).isEqualTo(outcome.result().decisions().size() > 1 ? 1 : 0);
  }

  @Test
  void aBudgetThatDoesNotLastEndsTheSearchWithinAComparisonAndALargerOneGoesOn()
      throws IOException {
    ComputeConstrainedSearch compute = ComputeConstrainedSearch.of(SPACE);
    CurriculumSearch.Outcome early = search(compute).run(setting(1e-3), SearchListener.SILENT);
    assertThat(early.result().complete()).isFalse();
    assertThat(early.result().decisions()).isEmpty();
    assertThat(early.result().curriculum().isFullBandwidth()).isTrue();
    List<String> first = journal();
    assertThat(first).hasSize(1); // of three that the first slice asks for
    assertThat(Files.readString(early.file())).contains("complete: false", "trainings: 1");

    CurriculumSearch.Outcome whole =
        search(compute).run(setting(Double.POSITIVE_INFINITY), SearchListener.SILENT);
    assertThat(whole.result().complete()).isTrue();
    assertThat(journal()).hasSizeGreaterThan(3).startsWith(first.get(0)).doesNotHaveDuplicates();
  }

  @Test
  void aBudgetTooSmallForTheFirstTrainingsIsRefused() {
    SearchSpeeds slow = new SearchSpeeds(Map.of(8, 1., 12, 1., 16, 1.), 0);
    CurriculumSearch.Setting setting =
        new CurriculumSearch.Setting(TrialRunner.here(), slow, 60, "a test");
    assertThatThrownBy(
            () -> search(ComputeConstrainedSearch.of(SPACE)).run(setting, SearchListener.SILENT))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("budget of 1m00s is too small");
    assertThat(folder.resolve("runs")).doesNotExist();
  }
}
