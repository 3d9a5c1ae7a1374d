package org.efficienttrain.curriculum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SearchTest {
  private static final List<Integer> BANDWIDTHS = List.of(96, 128, 160, 192, 224);
  private static final List<Double> ICCV_MAGNITUDES = List.of(1., 3., 5., 7., 9.);
  private static final List<Double> TEN_MAGNITUDES =
      List.of(0., 1., 2., 3., 4., 5., 6., 7., 8., 9.);

  private static List<Integer> bandwidths(Curriculum curriculum) {
    return curriculum.stages().stream().map(Stage::bandwidth).toList();
  }

  /** Bandwidth in force at a point of training, 0 to 1. */
  private static int bandwidthAt(Curriculum curriculum, double point) {
    double[] ends = curriculum.cumulativeShares();
    for (int i = 0; i < ends.length; i++) {
      if (point < ends[i]) {
        return curriculum.stages().get(i).bandwidth();
      }
    }
    return curriculum.imageSize();
  }

  /** Each fifth of training loses accuracy with every pixel below the bandwidth it needs. */
  private static Evaluator needs(int... needed) {
    return (curriculum, budget) -> {
      assertThat(budget).isEqualTo(1);
      double accuracy = 0.8;
      for (int i = 0; i < needed.length; i++) {
        int seen = bandwidthAt(curriculum, (i + 0.5) / needed.length);
        accuracy -= 1e-4 * Math.max(0, needed[i] - seen);
      }
      return accuracy;
    };
  }

  @Test
  void greedySearchFindsThePublishedCurriculumWhereItIsTheAnswer() {
    SearchResult result =
        new GreedySearch(BANDWIDTHS, ICCV_MAGNITUDES, 0).search(needs(160, 160, 160, 192, 224));
    assertThat(result.curriculum().stages()).isEqualTo(Curricula.EFFICIENTTRAIN.stages());
    assertThat(result.curriculum().clock()).isEqualTo(Clock.EPOCHS);
    assertThat(result.accuracy()).isEqualTo(0.8);
  }

  @Test
  void greedySearchFindsTheSmallestBandwidthsThatCostNothing() {
    Random random = new Random(5);
    for (int trial = 0; trial < 500; trial++) {
      int[] needed = new int[5];
      for (int i = 0; i < 5; i++) {
        needed[i] = BANDWIDTHS.get(random.nextInt(BANDWIDTHS.size()));
      }
      var evaluator = new RememberingEvaluator(needs(needed), Map.of(), e -> {});
      SearchResult result = new GreedySearch(BANDWIDTHS, ICCV_MAGNITUDES, 0).search(evaluator);

      // Bandwidths never shrink, so a stage must satisfy the needs of all before it.
      List<Integer> expected = new ArrayList<>();
      int largest = 0;
      for (int i = 0; i < 4; i++) {
        largest = Math.max(largest, needed[i]);
        expected.add(largest);
      }
      expected.add(224);
      assertThat(bandwidths(result.curriculum())).isEqualTo(expected);
      assertThat(evaluator.answers()).hasSizeLessThanOrEqualTo(2 + 4 * 4);
    }
  }

  @Test
  void aToleranceBuysSmallerBandwidths() {
    Evaluator evaluator = needs(160, 160, 160, 192, 224);
    SearchResult result =
        new GreedySearch(BANDWIDTHS, ICCV_MAGNITUDES, 32e-4 + 1e-9).search(evaluator);
    assertThat(bandwidths(result.curriculum())).containsExactly(160, 160, 160, 160, 224);
    assertThat(result.accuracy()).isCloseTo(0.8 - 32e-4, within(1e-12));
  }

  @Test
  void greedySearchKeepsTheFullBandwidthWhenNothingElseWillDo() {
    SearchResult result =
        new GreedySearch(BANDWIDTHS, ICCV_MAGNITUDES, 0)
            .search((curriculum, budget) -> curriculum.isFullBandwidth() ? 0.8 : Double.NaN);
    assertThat(result.curriculum().isFullBandwidth()).isTrue();
  }

  /** Training at a point of the compute does most good at the bandwidth ideal for it. */
  private static Evaluator ideals(List<Integer> ideal) {
    return (curriculum, budget) -> {
      assertThat(curriculum.clock()).isEqualTo(Clock.COMPUTE);
      double accuracy = 0.5;
      for (int i = 0; i < ideal.size(); i++) {
        double point = (i + 0.5) / ideal.size() / budget;
        if (point < 1) {
          accuracy += 0.01 - 1e-5 * Math.abs(bandwidthAt(curriculum, point) - ideal.get(i));
        }
      }
      return accuracy;
    };
  }

  @Test
  void computeConstrainedSearchFindsThePublishedCurriculaWhereTheyAreTheAnswer() {
    for (Curriculum preset : Curricula.presets()) {
      if (preset.clock() != Clock.COMPUTE) {
        continue;
      }
      SearchResult result =
          new ComputeConstrainedSearch(BANDWIDTHS, TEN_MAGNITUDES, 0.05)
              .search(ideals(bandwidths(preset)));
      assertThat(bandwidths(result.curriculum())).isEqualTo(bandwidths(preset));
      assertThat(result.curriculum().stages()).isEqualTo(preset.stages());
      assertThat(result.accuracy()).isCloseTo(0.6, within(1e-12));
    }
  }

  @Test
  void everyCandidateOfASliceCostsTheSameAndIsFineTunedAtFullBandwidth() {
    var asked = new ArrayList<RememberingEvaluator.Answer>();
    var evaluator =
        new RememberingEvaluator(ideals(List.of(96, 160, 192, 224)), Map.of(), asked::add);
    new ComputeConstrainedSearch(BANDWIDTHS, List.of(0., 3., 6., 9.), 0.1).search(evaluator);

    assertThat(asked).hasSize(5 + 5 + 3 + 1);
    for (var answer : asked.subList(0, asked.size() - 1)) {
      List<Stage> stages = answer.curriculum().stages();
      Stage fineTuning = stages.get(stages.size() - 1);
      assertThat(fineTuning.bandwidth()).isEqualTo(224);
      assertThat(fineTuning.share() * answer.budget()).isCloseTo(0.1, within(1e-12));
      assertThat(stages.get(0).share() * answer.budget()).isCloseTo(0.25, within(1e-12));
      TrainingPlan plan =
          TrainingPlan.of(answer.curriculum(), PlanRequest.of(100_000, 8 * answer.budget(), 100));
      assertThat(plan.equivalentEpochs()).isCloseTo(8 * answer.budget(), within(1e-3));
    }
    assertThat(asked.get(0).budget()).isEqualTo(0.35);
    assertThat(asked.get(asked.size() - 1).budget()).isEqualTo(1);
  }

  @Test
  void anInterruptedSearchGoesOnWithWhatItKnows() {
    Evaluator surface = needs(96, 128, 160, 192, 224);
    GreedySearch search = new GreedySearch(BANDWIDTHS, ICCV_MAGNITUDES, 0);
    var whole = new RememberingEvaluator(surface, Map.of(), e -> {});
    SearchResult expected = search.search(whole);
    int evaluations = whole.answers().size();

    for (int stopAfter = 0; stopAfter < evaluations; stopAfter++) {
      Map<String, Double> saved = new HashMap<>();
      int limit = stopAfter;
      var first =
          new RememberingEvaluator(
              (curriculum, budget) -> {
                if (saved.size() == limit) {
                  throw new IllegalStateException("power cut");
                }
                return surface.accuracy(curriculum, budget);
              },
              Map.of(),
              e -> saved.put(e.key(), e.accuracy()));
      assertThatThrownBy(() -> search.search(first)).hasMessage("power cut");

      var trained = new ArrayList<RememberingEvaluator.Answer>();
      var second =
          new RememberingEvaluator(
              surface,
              saved,
              e -> {
                if (!e.remembered()) {
                  trained.add(e);
                }
              });
      assertThat(search.search(second)).isEqualTo(expected);
      assertThat(trained).hasSize(evaluations - stopAfter);
    }
  }

  @Test
  void refusesSearchesThatCannotBe() {
    assertThatThrownBy(() -> new GreedySearch(List.of(224, 160), ICCV_MAGNITUDES, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[224, 160]");
    assertThatThrownBy(() -> new GreedySearch(List.of(), ICCV_MAGNITUDES, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new GreedySearch(BANDWIDTHS, List.of(), 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new GreedySearch(BANDWIDTHS, ICCV_MAGNITUDES, -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ComputeConstrainedSearch(BANDWIDTHS, TEN_MAGNITUDES, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
