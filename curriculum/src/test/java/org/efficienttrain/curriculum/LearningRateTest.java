package org.efficienttrain.curriculum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateTest {

  @Test
  void equalsTheOfficialTableStepByStep() {
    String golden = Golden.text("ops/cosine_schedule.json");
    double[] expected = Golden.numbers(golden, "lr");
    int perEpoch = (int) Golden.number(golden, "steps_per_epoch");
    TrainingPlan plan =
        TrainingPlan.of(Curricula.NONE, Run.of(perEpoch * 8L, Golden.number(golden, "epochs"), 8));
    LearningRate rate =
        LearningRate.cosine(
            plan,
            Golden.number(golden, "base_lr"),
            Golden.number(golden, "min_lr"),
            Golden.number(golden, "warmup_epochs"));

    assertThat(plan.totalSteps()).isEqualTo(expected.length);
    for (int step = 0; step < expected.length; step++) {
      // The table prints nine significant digits.
      assertThat(rate.at(plan, step)).as("step " + step).isCloseTo(expected[step], within(1e-11));
    }
  }

  @Test
  void isContinuousAcrossStagesOnEitherClock() {
    for (Curriculum curriculum : Curricula.presets()) {
      TrainingPlan plan = TrainingPlan.of(curriculum, Run.of(1000, 100, 10));
      LearningRate rate = LearningRate.cosine(plan, 4e-3, 1e-6, 5);
      double largest = 0;
      for (long step = plan.stepsOfEpochs(5) + 1; step < plan.totalSteps(); step++) {
        double change = rate.at(plan, step - 1) - rate.at(plan, step);
        assertThat(change).as(curriculum.name()).isPositive();
        largest = Math.max(largest, change);
      }
      // The steepest part of a half cosine over the baseline's 10,000 steps, warm-up taken off.
      assertThat(largest).as(curriculum.name()).isLessThan(Math.PI / 2 * 4e-3 / 9_400);
    }
  }

  @Test
  void warmsUpForTheSameNumberOfStepsAtEveryBandwidth() {
    TrainingPlan plan = TrainingPlan.of(Curricula.of("efficienttrain++"), Run.of(1000, 100, 10));
    LearningRate rate = LearningRate.cosine(plan, 1, 0, 20);
    assertThat(rate.at(plan, 0)).isZero();
    assertThat(rate.at(plan, 1998)).isLessThan(1);
    assertThat(rate.at(plan, 1999)).isEqualTo(1);
    assertThat(rate.at(plan, 2000)).isEqualTo(1);
    assertThat(rate.at(plan, 2001)).isLessThan(1);
  }

  @Test
  void warmsUpForAShareOfTheClock() {
    TrainingPlan plan =
        TrainingPlan.of(Curricula.of("efficienttrain++:deit"), Run.of(1000, 100, 10));
    LearningRate rate = LearningRate.cosineWithWarmupShare(plan, 1, 0, 0.2);
    assertThat(rate.warmup()).isCloseTo(0.2, within(1e-4));
    assertThat(rate.at(0.1)).isCloseTo(0.5, within(1e-3));
    assertThat(rate.at(0.6)).isCloseTo(0.5, within(1e-3));
  }

  @Test
  void needsNoWarmup() {
    TrainingPlan plan = TrainingPlan.of(Curricula.NONE, Run.of(10, 1, 10));
    assertThat(LearningRate.cosine(plan, 0.1, 0, 0).at(plan, 0)).isEqualTo(0.1);
    assertThat(LearningRate.cosineWithWarmupShare(plan, 0.1, 0, 0.5).at(plan, 0)).isEqualTo(0.1);
  }

  @Test
  void refusesWhatCannotBe() {
    TrainingPlan plan = TrainingPlan.of(Curricula.NONE, Run.of(100, 10, 10));
    assertThatThrownBy(() -> LearningRate.cosine(plan, 0.1, 0, 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("warm-up of 10.0 epochs");
    assertThatThrownBy(() -> LearningRate.cosine(plan, 0, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LearningRate.cosine(plan, 0.1, 0.2, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
