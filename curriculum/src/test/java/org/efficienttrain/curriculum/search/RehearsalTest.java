package org.efficienttrain.curriculum.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.efficienttrain.curriculum.search.SearchTest.BANDWIDTHS;
import static org.efficienttrain.curriculum.search.SearchTest.FIVE;
import static org.efficienttrain.curriculum.search.SearchTest.compute;
import static org.efficienttrain.curriculum.search.SearchTest.greedy;
import static org.efficienttrain.curriculum.search.SearchTest.seeds;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Searches that look ahead: rehearsals, and accuracies asked for before they are needed. */
class RehearsalTest {
  @Test
  void askingAheadChangesNoResult() {
    Surface one = new Surface(Surface.needs(128, 160, 160, 192, 224), 0.01, 0.0002, 2);
    SearchResult expected = greedy(2).search(one);
    Surface many = new Surface(Surface.needs(128, 160, 160, 192, 224), 0.01, 0.0002, 2);
    SearchResult result =
        greedy(2)
            .search(
                new Evaluator() {
                  @Override
                  public List<Double> accuracies(List<Trial> trials) {
                    assertThat(trials.size()).isLessThanOrEqualTo(8);
                    return many.accuracies(trials);
                  }

                  @Override
                  public int atOnce() {
                    return 8;
                  }
                });
    assertThat(result).isEqualTo(expected);
    assertThat(many.trained.size()).isGreaterThanOrEqualTo(one.trained.size());
  }

  @Test
  void theRehearsalCountsTheMostThatThereCanBe() {
    Rehearsal greedy = Rehearsal.of(greedy(3), SearchTest::planned);
    assertThat(greedy.trainings()).hasSize(3 * (1 + 4 * 4));
    Rehearsal compute = Rehearsal.of(compute(1), SearchTest::planned);
    assertThat(compute.trainings()).hasSize(45);
    assertThat(compute.equivalentRuns()).isCloseTo(5.4, within(0.05));
    Surface surface = new Surface(Surface.needs(160, 160, 160, 192, 224), 0.02, 0.002, 3);
    greedy(3).search(surface);
    assertThat(surface.trained.size()).isLessThanOrEqualTo(greedy.trainings().size());
  }

  @Test
  void theRehearsalIsNotMisledByATolerance() {
    SearchSpace space = new SearchSpace(BANDWIDTHS, FIVE, seeds(2));
    GreedySearch tolerant = new GreedySearch(space, NoiseRule.standard(0.5));
    assertThat(Rehearsal.of(tolerant, SearchTest::planned).trainings()).hasSize(2 * (1 + 4 * 4));
  }

  /** From any point on: what was decided is decided alike, and nothing is left out. */
  @Test
  void theRehearsalFromWhereASearchIsHoldsAllThatIsToCome() {
    for (int chance = 0; chance < 2; chance++) {
      for (SearchAlgorithm algorithm :
          List.of(
              greedy(3),
              new ComputeConstrainedSearch(
                  new SearchSpace(BANDWIDTHS, FIVE, seeds(3)), 0.02, NoiseRule.standard(0)))) {
        Surface whole = new Surface(Surface::learned, 0.01, 0.004, chance);
        algorithm.search(whole);
        for (int known = 0; known <= whole.trained.size(); known += 13) {
          Surface sofar = new Surface(Surface::learned, 0.01, 0.004, chance);
          sofar.limit = known;
          algorithm.search(sofar);
          Rehearsal rehearsal =
              Rehearsal.of(
                  algorithm,
                  SearchTest::planned,
                  trial -> sofar.answers.get(trial.key()),
                  (other, step) -> true);
          assertThat(rehearsal.trainings().size()).isGreaterThanOrEqualTo(whole.trained.size());
        }
      }
    }
  }
}
