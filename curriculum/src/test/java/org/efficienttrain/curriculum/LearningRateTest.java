package org.efficienttrain.curriculum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LearningRateTest {

  @Test
  void equalsTheOfficialTableStepByStep() {
    String golden = Golden.text("ops/cosine_schedule.json");
    double[] expected = Golden.numbers(golden, "lr");
    int perEpoch = (int) Golden.number(golden, "steps_per_epoch");
    TrainingPlan plan =
        TrainingPlan.of(
            Curricula.NONE, PlanRequest.of(perEpoch * 8L, Golden.number(golden, "epochs"), 8));
    LearningRate rate =
        LearningRate.wholeRun(
            plan,
            Cosine.afterEpochs(
                Golden.number(golden, "base_lr"),
                Golden.number(golden, "min_lr"),
                Golden.number(golden, "warmup_epochs")));

    assertThat(plan.totalSteps()).isEqualTo(expected.length);
    for (int step = 0; step < expected.length; step++) {
      // The table prints nine significant digits.
      assertThat(rate.at(step)).as("step " + step).isCloseTo(expected[step], within(1e-11));
    }
  }

  /** The curve against that of masked autoencoders, which is a function of the fractional epoch. */
  @Test
  void equalsTheOfficialCurveOfMaskedAutoencoders() {
    List<String> cases =
        Golden.objects(
            Golden.object(Golden.text("ops/mae_finetune.json"), "schedule").substring(1));
    assertThat(cases).hasSize(2);
    for (String golden : cases) {
      double warmup = Golden.number(golden, "warmup_epochs");
      Cosine cosine =
          Cosine.afterEpochs(Golden.number(golden, "lr"), Golden.number(golden, "min_lr"), warmup);
      double[] points = Golden.numbers(golden, "points");
      for (int i = 0; i < points.length; i += 2) {
        assertThat(cosine.value(points[i], warmup, warmup, Golden.number(golden, "epochs")))
            .as("epoch " + points[i])
            .isCloseTo(points[i + 1], within(1e-9 * cosine.peak()));
      }
    }
  }

  @Test
  void isContinuousAcrossStagesOnEitherClock() {
    for (Curriculum curriculum : Curricula.presets()) {
      TrainingPlan plan = TrainingPlan.of(curriculum, PlanRequest.of(1000, 100, 10));
      LearningRate rate = LearningRate.wholeRun(plan, Cosine.afterEpochs(4e-3, 1e-6, 5));
      double largest = 0;
      for (long step = plan.stepsOfEpochs(5) + 1; step < plan.totalSteps(); step++) {
        double change = rate.at(step - 1) - rate.at(step);
        assertThat(change).as(curriculum.name()).isPositive();
        largest = Math.max(largest, change);
      }
      // The steepest part of a half cosine over the baseline's 10,000 steps, warm-up taken off.
      assertThat(largest).as(curriculum.name()).isLessThan(Math.PI / 2 * 4e-3 / 9_400);
    }
  }

  @Test
  void warmsUpForTheSameNumberOfStepsAtEveryBandwidth() {
    TrainingPlan plan =
        TrainingPlan.of(Curricula.of("efficienttrain++"), PlanRequest.of(1000, 100, 10));
    LearningRate rate = LearningRate.wholeRun(plan, Cosine.afterEpochs(1, 0, 20));
    assertThat(rate.at(0)).isZero();
    assertThat(rate.at(1998)).isLessThan(1);
    assertThat(rate.at(1999)).isEqualTo(1);
    assertThat(rate.at(2000)).isEqualTo(1);
    assertThat(rate.at(2001)).isLessThan(1);
  }

  @Test
  void warmsUpForAShareOfTheClock() {
    TrainingPlan plan =
        TrainingPlan.of(Curricula.of("efficienttrain++:deit"), PlanRequest.of(1000, 100, 10));
    LearningRate rate = LearningRate.wholeRun(plan, Cosine.afterShare(1, 0, 0.2));
    assertThat(rate.at(stepOf(plan, 0.2))).isEqualTo(1);
    assertThat(rate.at(stepOf(plan, 0.2) + 1)).isLessThan(1);
    assertThat(rate.at(stepOf(plan, 0.1))).isCloseTo(0.5, within(1e-3));
    assertThat(rate.at(stepOf(plan, 0.6))).isCloseTo(0.5, within(1e-3));
  }

  private static long stepOf(TrainingPlan plan, double progress) {
    long step = 0;
    while (plan.progress(step) < progress) {
      step++;
    }
    return step;
  }

  @Test
  void needsNoWarmup() {
    TrainingPlan plan = TrainingPlan.of(Curricula.NONE, PlanRequest.of(10, 1, 10));
    for (Cosine cosine : List.of(Cosine.afterEpochs(0.1, 0, 0), Cosine.afterShare(0.1, 0, 0.5))) {
      assertThat(LearningRate.wholeRun(plan, cosine).at(0)).isEqualTo(0.1);
      assertThat(LearningRate.perStage(plan, cosine).at(0)).isEqualTo(0.1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "swin_tiny_e100",
        "swin_tiny_e200",
        "swin_tiny_e300",
        "convnext_tiny_e200",
        "convnext_tiny_e300",
        "deit_small_e100",
        "deit_small_e200",
        "deit_small_e300",
        "cswin_base_e200",
        "iccv_e300"
      })
  void perStageIsTheOfficialScheduleOfEveryStage(String name) {
    String one = Golden.object(Golden.text("ops/learning_rate_stages.json"), name);
    boolean iccv = name.startsWith("iccv");
    TrainingPlan plan =
        TrainingPlan.of(
            curriculumOf(name),
            PlanRequest.of(
                (long) Golden.number(one, "trainingImages"),
                Golden.number(one, iccv ? "epochs" : "equivalentEpochs"),
                (int) Golden.number(one, "batchSize")));
    LearningRate rate = LearningRate.perStage(plan, cosineOf(one, name));
    assertThat((double) plan.totalSteps()).isEqualTo(Golden.number(one, "totalSteps"));

    List<String> stages = Golden.objects(one);
    assertThat(plan.phases()).hasSameSizeAs(stages);
    for (int i = 0; i < stages.size(); i++) {
      String stage = stages.get(i);
      long first = (long) Golden.number(stage, "globalFirstStep");
      long steps = (long) Golden.number(stage, "steps");
      assertThat(plan.phases().get(i).firstStep()).isEqualTo(first);
      assertThat(rate.at(first))
          .as(name + " stage " + i)
          .isCloseTo(Golden.number(stage, "lrFirstStep"), within(1e-15));
      assertThat(rate.at(first + steps - 1))
          .as(name + " stage " + i)
          .isCloseTo(Golden.number(stage, "lrLastStep"), within(1e-15));
    }
    double[] points = Golden.numbers(one, "points");
    assertThat(points.length).isGreaterThan(100);
    for (int i = 0; i < points.length; i += 3) {
      String stage = stages.get((int) points[i]);
      double epochs = points[i + 1] - Golden.number(stage, "startEpoch");
      long step = Math.round(Golden.number(stage, "globalFirstStep") + epochs * 312);
      assertThat(rate.at(step))
          .as(name + " stage " + points[i] + " epoch " + points[i + 1])
          .isCloseTo(points[i + 2], within(1e-15));
    }
  }

  private static Curriculum curriculumOf(String name) {
    if (name.startsWith("iccv")) {
      return Curricula.EFFICIENTTRAIN;
    }
    String variant =
        name.startsWith("deit") ? ":deit" : name.startsWith("convnext") ? ":convnext" : "";
    return Curricula.of("efficienttrain++" + variant);
  }

  private static Cosine cosineOf(String one, String name) {
    double peak = Golden.number(one, "peak");
    double minimum = Golden.number(one, "minimum");
    return name.startsWith("deit")
        ? Cosine.afterShare(peak, minimum, 0.2)
        : Cosine.afterEpochs(peak, minimum, 20);
  }

  @Test
  void perStageWithReplayIsTheOfficialScriptsToo() {
    String golden = Golden.text("recipes/replay.json");
    for (String model : List.of("deit_small", "resnet50", "swin_tiny", "cswin_tiny")) {
      TrainingPlan plan = PlannedBatchTest.official(model);
      LearningRate rate =
          LearningRate.perStage(
              plan,
              model.equals("deit_small")
                  ? Cosine.afterShare(0.004, 1e-6, 0.2)
                  : Cosine.afterEpochs(0.004, 1e-6, 20));
      List<String> stages = Golden.objects(Golden.object(golden, model));
      for (int i = 0; i < stages.size(); i++) {
        Phase phase = plan.phases().get(i);
        assertThat(rate.at(phase.firstStep()))
            .as(model + " stage " + i)
            .isCloseTo(Golden.number(stages.get(i), "lrFirstStep"), within(1e-15));
        assertThat(rate.at(phase.endStep() - 1))
            .as(model + " stage " + i)
            .isCloseTo(Golden.number(stages.get(i), "lrLastStep"), within(1e-15));
      }
    }
  }

  /** The jumps that docs/curriculum.md tells of. */
  @ParameterizedTest
  @CsvSource({"100, 1.190", "200, 1.091", "300, 1.054"})
  void perStageJumpsWhereTheBandwidthGrows(int epochs, double jump) {
    TrainingPlan plan =
        TrainingPlan.of(Curricula.of("efficienttrain++"), PlanRequest.of(1_281_167, epochs, 4096));
    LearningRate rate = LearningRate.perStage(plan, Cosine.afterEpochs(4e-3, 1e-6, 20));
    long step = plan.phases().get(6).firstStep();
    assertThat(rate.at(step) / rate.at(step - 1)).isCloseTo(jump, within(1e-3));
  }

  @Test
  void perStageOfAShortRunIsNotRoundedToEpochs() {
    Curriculum small = Curricula.EFFICIENTTRAIN_PLUS_PLUS.scaledTo(32, 4);
    for (Curriculum curriculum : List.of(small, small.withReplay(List.of(4, 2, 1)))) {
      TrainingPlan plan = TrainingPlan.of(curriculum, PlanRequest.of(5120, 3.3, 128));
      LearningRate rate = LearningRate.perStage(plan, Cosine.afterShare(1, 0, 0.1));
      // A warm-up in proportion leaves no jump, so this is the one curve over compute.
      LearningRate one = LearningRate.wholeRun(plan, Cosine.afterShare(1, 0, 0.1));
      for (long step = 0; step < plan.totalSteps(); step++) {
        assertThat(rate.at(step)).as("step " + step).isCloseTo(one.at(step), within(0.03));
      }
      LearningRate jumping = LearningRate.perStage(plan, Cosine.afterEpochs(1, 0, 0.33));
      Phase last = plan.phases().get(plan.phases().size() - 1);
      assertThat(jumping.at(last.endStep() - 1)).isLessThan(0.01);
      assertThat(jumping.at(plan.phases().get(6).firstStep()))
          .isGreaterThan(jumping.at(plan.phases().get(6).firstStep() - 1));
    }
  }

  @Test
  void onTheClockOfEpochsBothAreTheSame() {
    TrainingPlan plan = TrainingPlan.of(Curricula.EFFICIENTTRAIN, PlanRequest.of(1000, 50, 10));
    Cosine cosine = Cosine.afterEpochs(4e-3, 1e-6, 5);
    LearningRate one = LearningRate.wholeRun(plan, cosine);
    LearningRate stages = LearningRate.perStage(plan, cosine);
    for (long step = 0; step < plan.totalSteps(); step++) {
      assertThat(stages.at(step)).isCloseTo(one.at(step), within(1e-15));
    }
  }

  @Test
  void refusesWhatCannotBe() {
    TrainingPlan plan = TrainingPlan.of(Curricula.NONE, PlanRequest.of(100, 10, 10));
    Cosine tooLong = Cosine.afterEpochs(0.1, 0, 10);
    assertThatThrownBy(() -> LearningRate.wholeRun(plan, tooLong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("warm-up of 10.0 epochs");
    assertThatThrownBy(() -> LearningRate.perStage(plan, tooLong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("warm-up of 10.0 epochs")
        .hasMessageContaining("bandwidth 224");
    assertThatThrownBy(() -> Cosine.afterEpochs(0, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Cosine.afterEpochs(0.1, 0.2, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Cosine.afterEpochs(0.1, 0, -1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> Cosine.afterShare(0.1, 0, 1)).hasMessageContaining("share");
  }
}
