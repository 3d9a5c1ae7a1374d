package org.efficienttrain.curriculum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CutTest {
  private static final Cosine COSINE = Cosine.afterEpochs(0.1, 0.001, 0.5);

  private static Curriculum slices(Clock clock, int... bandwidths) {
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < bandwidths.length; i++) {
      stages.add(Stage.of(bandwidths[i], 1.0 / bandwidths.length, i));
    }
    return new Curriculum("test", clock, stages);
  }

  private static TrainingPlan plan(Curriculum curriculum, double at, double annealing) {
    PlanRequest run = PlanRequest.of(5000, 10, 128).withMicroBatch(64);
    return TrainingPlan.of(curriculum, run, new Cut(at, annealing));
  }

  @Test
  void aRunCutShortHasTheStagesUpToThereAndAFineTuningAtFullBandwidth() {
    TrainingPlan plan = plan(slices(Clock.COMPUTE, 16, 16, 24, 32, 32), 0.6, 0.05);
    assertThat(plan.phases().stream().map(Phase::bandwidth)).containsExactly(16, 16, 24, 32);
    assertThat(plan.phases().stream().map(Phase::magnitude)).containsExactly(0., 1., 2., 2.);
    assertThat(plan.equivalentEpochs()).isCloseTo(6.5, within(0.02));
    assertThat(plan.cutStep()).isEqualTo(plan.phases().get(3).firstStep());
    assertThat(plan.progress(plan.totalSteps())).isCloseTo(0.65, within(0.002));
  }

  @Test
  void whereTheSliceIsAtFullBandwidthTheFineTuningIsPartOfItsPhase() {
    TrainingPlan plan = plan(slices(Clock.COMPUTE, 16, 32, 32, 32, 32), 0.4, 0.1);
    assertThat(plan.phases()).hasSize(2);
    assertThat(plan.totalSteps() - plan.cutStep()).isEqualTo(39);
  }

  @Test
  void aCutInsideAStageEndsThere() {
    TrainingPlan plan = plan(slices(Clock.COMPUTE, 16, 32), 0.25, 0.1);
    assertThat(plan.equivalentEpochs()).isCloseTo(3.5, within(0.02));
    assertThat(plan.phases().stream().map(Phase::bandwidth)).containsExactly(16, 32);
  }

  /** This is what lets a search train shared beginnings once. */
  @Test
  void stepsAndRatesBeforeACutDependOnNothingThatComesLater() {
    Random random = new Random(3);
    int[] all = {16, 20, 24, 28, 32};
    for (int trial = 0; trial < 300; trial++) {
      Clock clock = trial % 2 == 0 ? Clock.COMPUTE : Clock.EPOCHS;
      int[] first = random.ints(7, 0, 5).sorted().map(i -> all[i]).toArray();
      first[6] = 32;
      int shared = 1 + random.nextInt(5);
      int[] second = first.clone();
      for (int i = shared; i < 6; i++) {
        int at = i;
        second[i] = random.ints(1, 0, 5).map(k -> Math.max(all[k], second[at - 1])).sum();
      }
      TrainingPlan a = plan(slices(clock, first), (shared + 0.0) / 7, 0.05);
      TrainingPlan b = plan(slices(clock, second), (shared + 1.0) / 7, 0.02);
      long cut = a.cutStep();
      assertThat(b.stageEnds().get(shared - 1)).isEqualTo(cut);
      assertThat(a.stepsShared(b)).isGreaterThanOrEqualTo(cut);
      Cosine cosine =
          trial % 3 == 0 ? Cosine.afterShare(0.1, 0, 0.3) : Cosine.afterEpochs(0.1, 0, 2);
      LearningRate ofA = LearningRate.wholeRun(a, cosine);
      LearningRate ofB = LearningRate.wholeRun(b, cosine);
      for (long step = 0; step < cut; step++) {
        assertThat(a.batchAt(step)).isEqualTo(b.batchAt(step));
        assertThat(ofA.at(step)).isEqualTo(ofB.at(step));
      }
    }
  }

  @Test
  void theRateFollowsTheWholeRunToTheCutAndThenHalfACosineToTheMinimum() {
    Curriculum curriculum = slices(Clock.COMPUTE, 16, 16, 24, 32, 32);
    TrainingPlan whole = TrainingPlan.of(curriculum, PlanRequest.of(5000, 10, 128));
    TrainingPlan plan = plan(curriculum, 0.6, 0.1);
    // Without a warm-up, whose length is counted on the clock where a run is cut.
    Cosine cosine = Cosine.afterEpochs(0.1, 0.001, 0);
    LearningRate ofWhole = LearningRate.wholeRun(whole, cosine);
    LearningRate rate = LearningRate.wholeRun(plan, cosine);
    for (long step = 0; step <= plan.cutStep(); step++) {
      assertThat(rate.at(step)).isCloseTo(ofWhole.at(step), within(1e-4));
    }
    double reached = rate.at(plan.cutStep());
    assertThat(reached).isCloseTo(0.001 + 0.0495 * (1 + Math.cos(0.6 * Math.PI)), within(1e-3));
    long steps = plan.totalSteps() - plan.cutStep();
    for (long step = 0; step < steps; step++) {
      double expected = 0.001 + (reached - 0.001) / 2 * (1 + Math.cos(Math.PI * step / steps));
      assertThat(rate.at(plan.cutStep() + step)).isCloseTo(expected, within(1e-12));
    }
  }

  @Test
  void theWarmUpOfARunCutShortIsAShareOfTheClock() {
    LearningRate rate =
        LearningRate.wholeRun(plan(slices(Clock.COMPUTE, 16, 32, 32, 32), 0.25, 0.1), COSINE);
    TrainingPlan plan = plan(slices(Clock.COMPUTE, 16, 32, 32, 32), 0.25, 0.1);
    long step = 0;
    while (plan.progress(step) < 0.05) {
      assertThat(rate.at(step)).isCloseTo(0.1 * plan.progress(step) / 0.05, within(1e-12));
      step++;
    }
    assertThat(step).isGreaterThan(50); // of 16 pixels, four for one of 32
    assertThat(rate.at(step)).isCloseTo(0.1, within(1e-4));
  }

  @Test
  void aCutAfterTheWarmUpIsNeededForTheFullRateOnly() {
    TrainingPlan plan = plan(slices(Clock.COMPUTE, 16, 32), 0.1, 0.1);
    LearningRate rate = LearningRate.wholeRun(plan, Cosine.afterShare(0.1, 0, 0.2));
    assertThat(rate.at(plan.cutStep())).isCloseTo(0.05, within(1e-3));
    assertThat(rate.at(plan.totalSteps() - 1)).isLessThan(0.001);
  }

  @Test
  void refusesCutsThatCannotBe() {
    assertThatThrownBy(() -> new Cut(0, 0.1)).isInstanceOf(CurriculumException.class);
    assertThatThrownBy(() -> new Cut(1.1, 0)).isInstanceOf(CurriculumException.class);
    assertThatThrownBy(() -> new Cut(0.5, 0)).isInstanceOf(CurriculumException.class);
    assertThatThrownBy(() -> new Cut(1, 0.1)).isInstanceOf(CurriculumException.class);
    assertThatThrownBy(
            () ->
                LearningRate.wholeRun(
                    plan(slices(Clock.COMPUTE, 16, 32), 0.5, 0.1), Cosine.afterEpochs(0.1, 0, 10)))
        .hasMessageContaining("warm-up");
  }
}
