package org.efficienttrain.curriculum.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.efficienttrain.curriculum.Clock;
import org.efficienttrain.curriculum.Cosine;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.CurriculumException;
import org.efficienttrain.curriculum.Cut;
import org.efficienttrain.curriculum.LearningRate;
import org.efficienttrain.curriculum.PlanRequest;
import org.efficienttrain.curriculum.Stage;
import org.efficienttrain.curriculum.TrainingPlan;
import org.junit.jupiter.api.Test;

class SearchTest {
  static final List<Integer> BANDWIDTHS = List.of(96, 128, 160, 192, 224);
  static final List<Double> FIVE = List.of(1., 3., 5., 7., 9.);
  private static final List<Double> TEN = SearchSpace.magnitudes(0, 9, 10);

  static List<Long> seeds(int count) {
    return LongStream.range(0, count).boxed().toList();
  }

  static GreedySearch greedy(int seeds) {
    return new GreedySearch(new SearchSpace(BANDWIDTHS, FIVE, seeds(seeds)), NoiseRule.standard(0));
  }

  static ComputeConstrainedSearch compute(int seeds) {
    return new ComputeConstrainedSearch(
        new SearchSpace(BANDWIDTHS, TEN, seeds(seeds)), 0.02, NoiseRule.standard(0));
  }

  private static List<Integer> bandwidths(Curriculum curriculum) {
    return curriculum.stages().stream().map(Stage::bandwidth).toList();
  }

  /** A trial of ten epochs over 50,000 images. */
  static SharedRuns.Planned planned(Trial trial) {
    TrainingPlan plan =
        TrainingPlan.of(trial.curriculum(), PlanRequest.of(50_000, 10, 100), trial.cut());
    return new SharedRuns.Planned(
        trial, plan, LearningRate.wholeRun(plan, Cosine.afterEpochs(0.1, 0, 0.5)));
  }

  /** Whole runs that the trials cost, each begun where another one has been already. */
  private static double cost(List<Trial> trials) {
    SharedRuns shared = new SharedRuns();
    double cost = 0;
    for (Trial trial : trials) {
      SharedRuns.Planned planned = planned(trial);
      cost += planned.plan().equivalentEpochsFrom(shared.startOf(planned).step()) / 10;
      shared.add(planned);
    }
    return cost;
  }

  @Test
  void greedySearchFindsThePublishedCurriculumWhereItIsTheAnswer() {
    Surface surface = Surface.exact(Surface.needs(160, 160, 160, 192, 224));
    SearchResult result = greedy(1).search(surface);
    assertThat(result.curriculum().stages()).isEqualTo(Curricula.EFFICIENTTRAIN.stages());
    assertThat(result.curriculum().clock()).isEqualTo(Clock.EPOCHS);
    assertThat(result.complete()).isTrue();
  }

  @Test
  void greedySearchFindsTheSmallestBandwidthsThatCostNothing() {
    Random random = new Random(5);
    for (int trial = 0; trial < 500; trial++) {
      int[] needed = random.ints(5, 0, 5).map(BANDWIDTHS::get).toArray();
      Surface surface = Surface.exact(Surface.needs(needed));
      SearchResult result = greedy(1).search(surface);

      // Bandwidths never shrink, so a stage must satisfy the needs of all before it.
      List<Integer> expected = new ArrayList<>();
      int largest = 0;
      for (int i = 0; i < 4; i++) {
        largest = Math.max(largest, needed[i]);
        expected.add(largest);
      }
      expected.add(224);
      if (expected.get(0) < 224) {
        assertThat(bandwidths(result.curriculum())).isEqualTo(expected);
      } else {
        assertThat(bandwidths(result.curriculum())).containsExactly(224);
      }
      assertThat(surface.trained).hasSizeLessThanOrEqualTo(1 + 4 * 4);
    }
  }

  @Test
  void greedySearchGoesFromTheLateStagesToTheEarlyOnesWhereTheyDependOnEachOther() {
    // Any bandwidth does for three fifths, wherever they lie; more costs accuracy.
    Surface surface =
        Surface.exact(
            trial -> {
              double small =
                  trial.curriculum().stages().stream()
                      .filter(s -> s.bandwidth() < 224)
                      .mapToDouble(Stage::share)
                      .sum();
              return 0.8 - 0.1 * Math.max(0, small - 0.601);
            });
    assertThat(bandwidths(greedy(1).search(surface).curriculum()))
        .containsExactly(96, 96, 96, 224, 224);
  }

  @Test
  void aToleranceBuysSmallerBandwidths() {
    Surface surface = Surface.exact(Surface.needs(160, 160, 160, 192, 224));
    SearchSpace space = new SearchSpace(BANDWIDTHS, FIVE, seeds(1));
    SearchResult result =
        new GreedySearch(space, new NoiseRule(32e-4 + 1e-9, 1, 2)).search(surface);
    assertThat(bandwidths(result.curriculum())).containsExactly(160, 160, 160, 160, 224);
  }

  @Test
  void greedySearchKeepsTheBaselineWhereEverythingElseFails() {
    Surface surface =
        Surface.exact(trial -> trial.curriculum().isFullBandwidth() ? 0.8 : Double.NaN);
    SearchResult result = greedy(3).search(surface);
    assertThat(result.curriculum().isFullBandwidth()).isTrue();
    assertThat(surface.trained).hasSize(3 + 4 * 4 * 2); // no third seed of what has failed twice
    assertThat(result.decisions()).allMatch(d -> !d.withinNoise());
  }

  @Test
  void candidatesOfOneStageGoOnFromThoseOfTheStageBefore() {
    Surface surface = Surface.exact(Surface.needs(192, 192, 192, 224, 224));
    greedy(1).search(surface);
    // The baseline; 4 for stage 4; 4 for stage 3, of which 192 is accepted; 3 for stages 2 and 1.
    assertThat(surface.trained).hasSize(1 + 4 + 4 + 3 + 3);
    double apart =
        surface.trained.stream().mapToDouble(t -> planned(t).plan().relativeCost()).sum();
    double saved = 0;
    for (int bandwidth : List.of(96, 128, 160, 192)) {
      // Three fifths of the candidates of stage 3, then two and one of those of stages 2 and 1.
      saved += (bandwidth == 192 ? 0.6 : 1.2) * Math.pow(bandwidth / 224.0, 2);
    }
    assertThat(cost(surface.trained)).isCloseTo(apart - saved, within(1e-9));
    SharedRuns shared = new SharedRuns();
    surface.trained.stream().map(SearchTest::planned).forEach(shared::add);
    Trial later = surface.trained.get(5); // 96 three times, then full
    SharedRuns.Start start = shared.startOf(planned(later));
    assertThat(start.step()).isEqualTo(3000);
    assertThat(bandwidths(start.from().trial().curriculum())).containsExactly(96, 96, 96, 96, 224);
  }

  @Test
  void computeConstrainedSearchFindsThePublishedCurriculaWhereTheyAreTheAnswer() {
    for (Curriculum preset : Curricula.presets()) {
      if (preset.clock() == Clock.COMPUTE) {
        Surface surface = Surface.exact(Surface.ideals(bandwidths(preset)));
        SearchResult result = compute(1).search(surface);
        assertThat(result.curriculum().stages()).isEqualTo(preset.stages());
      }
    }
  }

  @Test
  void computeConstrainedSearchCostsAboutFiveWholeRuns() {
    Surface dear = Surface.exact(trial -> compute(1).dearest(trial));
    compute(1).search(dear);
    assertThat(dear.trained).hasSize(9 * 5);
    assertThat(cost(dear.trained)).isCloseTo(45 * 0.12, within(0.05));
    double apart =
        dear.trained.stream().mapToDouble(t -> planned(t).plan().equivalentEpochs() / 10).sum();
    assertThat(apart).isGreaterThan(23);

    Surface published =
        Surface.exact(Surface.ideals(bandwidths(Curricula.EFFICIENTTRAIN_PLUS_PLUS)));
    compute(1).search(published);
    // 5 + 5 + 5 + 3 + 3 + 3 + 3 candidates; from the seventh slice on one is left.
    assertThat(published.trained).hasSize(27);
    assertThat(cost(published.trained)).isCloseTo(27 * 0.12, within(0.05));
  }

  @Test
  void everyCandidateOfASliceCostsTheSame() {
    Surface surface = Surface.exact(Surface::learned);
    compute(1).search(surface);
    for (Trial trial : surface.trained) {
      assertThat(planned(trial).plan().equivalentEpochs())
          .isCloseTo(10 * (trial.cut().at() + 0.02), within(0.03));
    }
  }

  @Test
  void whereSlicesBuildOnEachOtherTheSearchBeatsAnyOneBandwidth() {
    SearchResult result = compute(1).search(Surface.exact(Surface::learned));
    double found = wholeRun(result.curriculum());
    List<Integer> chosen = bandwidths(result.curriculum());
    assertThat(chosen.get(0)).isLessThan(224);
    for (int bandwidth : BANDWIDTHS) {
      List<Stage> stages = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        stages.add(Stage.of(i == 9 ? 224 : bandwidth, 0.1, 9));
      }
      assertThat(found)
          .as("against %d", bandwidth)
          .isGreaterThanOrEqualTo(wholeRun(new Curriculum("one", Clock.COMPUTE, stages)));
    }
  }

  private static double wholeRun(Curriculum curriculum) {
    return Surface.learned(new Trial(curriculum, Cut.NONE, 0, List.of()));
  }

  @Test
  void pairedSeedsResolveWhatTheirSpreadWouldHide() {
    int right = 0;
    for (int chance = 0; chance < 200; chance++) {
      // Seeds move the accuracy by 3 points; 32 pixels too few cost 0.32.
      Surface surface = new Surface(Surface.needs(160, 160, 160, 192, 224), 0.03, 0.0003, chance);
      if (greedy(4)
          .search(surface)
          .curriculum()
          .stages()
          .equals(Curricula.EFFICIENTTRAIN.stages())) {
        right++;
      }
    }
    assertThat(right).isGreaterThan(160);
  }

  @Test
  void whereNothingDiffersTheCheapestIsTakenAndSaidToBeNoise() {
    int smallest = 0;
    int marked = 0;
    int decisions = 0;
    for (int chance = 0; chance < 100; chance++) {
      SearchResult result =
          compute(3).search(new Surface(trial -> 0.8 * trial.cut().at(), 0.01, 0.01, chance));
      for (Decision decision : result.decisions()) {
        decisions++;
        marked += decision.withinNoise() ? 1 : 0;
        smallest += decision.chosen().equals(lowest(decision)) ? 1 : 0;
      }
    }
    assertThat((double) marked / decisions).isGreaterThan(0.6);
    assertThat((double) smallest / decisions).isGreaterThan(0.4); // by chance alone, a quarter
  }

  private static String lowest(Decision decision) {
    return decision.options().get(0).measured().candidate().name();
  }

  @Test
  void hopelessCandidatesGetNoMoreThanTwoSeeds() {
    Surface impatient = new Surface(Surface.needs(192, 192, 192, 192, 224), 0.01, 0.0005, 1);
    SearchResult result = greedy(6).search(impatient);
    Surface patient = new Surface(Surface.needs(192, 192, 192, 192, 224), 0.01, 0.0005, 1);
    GreedySearch all =
        new GreedySearch(
            new SearchSpace(BANDWIDTHS, FIVE, seeds(6)),
            new NoiseRule(0, 1, Double.POSITIVE_INFINITY));
    assertThat(all.search(patient).curriculum()).isEqualTo(result.curriculum());
    // The baseline and the accepted 192 have six each; 96, 128 and 160 are 10 to 40 errors off.
    assertThat(impatient.trained.size()).isLessThan(patient.trained.size() / 2);
    Decision first = result.decisions().get(0);
    assertThat(first.options().get(1).measured().accuracies()).hasSize(2);
    assertThat(first.taken().measured().accuracies()).hasSize(6);
  }

  /** Of the compute-constrained search too, where the first look is at all candidates. */
  @Test
  void hopelessCandidatesOfASliceGetNoMoreThanTwoSeeds() {
    Surface surface =
        new Surface(
            trial -> 0.6 - 1e-3 * Math.abs(Surface.bandwidthAt(trial, 0.05) - 160), 0.01, 1e-4, 1);
    Decision first = compute(5).search(surface).decisions().get(0);
    assertThat(first.chosen()).isEqualTo("160");
    for (Decision.Option option : first.options()) {
      assertThat(option.measured().accuracies()).hasSize(option.equals(first.taken()) ? 5 : 2);
    }
  }

  @Test
  void withOneSeedNobodyKnowsAndTheResultSaysSo() {
    SearchResult result =
        compute(1).search(Surface.exact(Surface.ideals(List.of(96, 160, 192, 224))));
    assertThat(result.decisions()).isNotEmpty().allMatch(Decision::withinNoise);
  }

  @Test
  void theSpentBudgetEndsASearchWithWhatItHas() {
    Surface whole = Surface.exact(Surface.needs(160, 160, 160, 192, 224));
    greedy(1).search(whole);
    for (int limit = 0; limit < whole.trained.size(); limit++) {
      Surface surface = Surface.exact(Surface.needs(160, 160, 160, 192, 224));
      surface.limit = limit;
      SearchResult result = greedy(1).search(surface);
      assertThat(result.complete()).isFalse();
      assertThat(surface.trained).hasSize(limit);
      // 192 in stage 4 is the fifth training.
      assertThat(result.curriculum().isFullBandwidth()).isEqualTo(limit < 5);
    }
  }

  @Test
  void anInterruptedSearchGoesOnWithWhatItKnows() {
    Surface whole = new Surface(Surface::learned, 0.01, 0.002, 4);
    SearchResult expected = compute(3).search(whole);
    for (int after = 0; after < whole.trained.size(); after += 7) {
      Surface first = new Surface(Surface::learned, 0.01, 0.002, 4);
      first.limit = after;
      compute(3).search(first);
      first.limit = Integer.MAX_VALUE;
      assertThat(compute(3).search(first)).isEqualTo(expected);
      assertThat(first.trained.stream().map(Trial::key))
          .containsExactlyInAnyOrderElementsOf(whole.trained.stream().map(Trial::key).toList());
    }
  }

  @Test
  void magnitudesAreSearchedForTheirFirstValueAndThenTheirShape() {
    Curriculum base = Curricula.EFFICIENTTRAIN_PLUS_PLUS;
    Surface surface =
        Surface.exact(
            trial -> {
              List<Stage> stages = trial.curriculum().stages();
              double start = stages.get(0).magnitude();
              double middle = stages.get(stages.size() / 2).magnitude();
              return 0.8 - 0.01 * Math.abs(start - 3) - 0.01 * Math.abs(middle - 5);
            });
    MagnitudeSearch search =
        new MagnitudeSearch(
            base,
            new MagnitudeSearch.Ramps(List.of(0., 3., 6., 9.), List.of(1., 0.5, 2.), 9, 10),
            seeds(1),
            NoiseRule.standard(0));
    SearchResult result = search.search(surface);
    assertThat(surface.trained).hasSize(4 + 2); // the linear one from 3 is known
    assertThat(result.curriculum().stages())
        .isEqualTo(base.withMagnitudeRamp(3, 9, 10, 2).stages());
    assertThat(bandwidths(result.curriculum())).isEqualTo(bandwidths(base));
  }

  /** Standard error of the mean of the differences 0.01, 0.03, 0.02: 0.01 / sqrt 3. */
  @Test
  void theNoiseOfTwoCandidatesIsThatOfThePairedTest() {
    Noise noise = Noise.UNKNOWN.with(List.of(List.of(.71, .75, .78), List.of(.70, .72, .76)));
    assertThat(noise.freedom()).isEqualTo(2);
    assertThat(noise.errorOfDifference(3)).isCloseTo(0.01 / Math.sqrt(3), within(1e-12));
    Noise pooled = noise.with(List.of(List.of(.5, .5, .5), List.of(.5, .5, .5)));
    assertThat(pooled.errorOfDifference(3)).isCloseTo(0.01 / Math.sqrt(6), within(1e-12));
    assertThat(Noise.UNKNOWN.errorOfDifference(1)).isNaN();
  }

  @Test
  void refusesSearchesThatCannotBe() {
    assertThatThrownBy(() -> new SearchSpace(List.of(224, 160), FIVE, seeds(1)))
        .isInstanceOf(CurriculumException.class)
        .hasMessageContaining("[224, 160]");
    assertThatThrownBy(() -> new SearchSpace(List.of(), FIVE, seeds(1)))
        .isInstanceOf(CurriculumException.class);
    assertThatThrownBy(() -> new SearchSpace(BANDWIDTHS, List.of(), seeds(1)))
        .isInstanceOf(CurriculumException.class);
    assertThatThrownBy(() -> new NoiseRule(-1, 1, 2)).isInstanceOf(CurriculumException.class);
    assertThatThrownBy(
            () ->
                new ComputeConstrainedSearch(
                    new SearchSpace(BANDWIDTHS, TEN, seeds(1)), 0, NoiseRule.standard(0)))
        .isInstanceOf(CurriculumException.class);
    assertThatThrownBy(() -> compute(2).search(Surface.exact(trial -> Double.NaN)))
        .isInstanceOf(CurriculumException.class)
        .hasMessageContaining("slice 1");
  }
}
