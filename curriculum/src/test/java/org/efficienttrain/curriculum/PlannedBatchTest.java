package org.efficienttrain.curriculum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The address of every batch: which images of which pass a step shows. */
class PlannedBatchTest {
  private static final int IMAGES = 1600;

  /** Plans of every kind on few images, so that every step can be looked at. */
  private static List<TrainingPlan> plans() {
    List<TrainingPlan> plans = new ArrayList<>();
    for (Curriculum preset : Curricula.presets()) {
      Curriculum small = preset.scaledTo(32, 4);
      for (int replay : new int[] {1, 2, 3, 4, 7}) {
        for (double epochs : new double[] {0.7, 3, 20, 120}) {
          for (int ranks : new int[] {1, 4}) {
            PlanRequest request = PlanRequest.of(IMAGES, epochs, 128).withRanks(ranks);
            plans.add(TrainingPlan.of(small.withReplay(replay), request));
            plans.add(TrainingPlan.of(small.withReplay(replay), request.withEarlyLargeBatch(3)));
          }
        }
      }
    }
    for (double epochs : new double[] {2.5, 6, 100}) {
      plans.add(
          TrainingPlan.of(
              Curricula.of("efficienttrain++ replay 4,2,1").scaledTo(32, 4),
              PlanRequest.of(IMAGES, epochs, 128).withRanks(2)));
    }
    return plans;
  }

  @Test
  void everyPassTakesItsOrderFromTheFrontWithoutGapOrOverlap() {
    for (TrainingPlan plan : plans()) {
      String what = plan.curriculum().toText() + " " + plan.request();
      long epoch = 0;
      long next = 0;
      double before = -1;
      for (long step = 0; step < plan.totalSteps(); step++) {
        PlannedBatch batch = plan.batchAt(step);
        if (batch.epoch() != epoch) {
          assertThat(batch.epoch()).as(what).isEqualTo(epoch + 1);
          // Less than one batch of this or the next phase is left out.
          assertThat(IMAGES - next).as(what).isLessThan(3L * 128);
          epoch = batch.epoch();
          next = 0;
        }
        assertThat(batch.first()).as(what).isEqualTo(next);
        next += (long) batch.fresh() * plan.request().ranks();
        assertThat(next).as(what).isLessThanOrEqualTo(IMAGES);
        Phase phase = plan.phaseAt(step);
        assertThat(batch.exposure()).as(what).isEqualTo(phase.exposure());
        assertThat(batch.count() * plan.request().ranks()).as(what).isEqualTo(phase.batchSize());
        assertThat(batch.fresh()).as(what).isEqualTo(Math.max(1, batch.count() / phase.replay()));
        assertThat(batch.replayFrom()).as(what).isBetween(phase.firstStep(), step);
        assertThat(plan.epochAt(step)).as(what).isGreaterThanOrEqualTo(before);
        before = plan.epochAt(step);
        assertThat((long) before).as(what).isBetween(batch.epoch(), batch.epoch() + 1);
      }
      assertThat(plan.epochAt(plan.totalSteps())).as(what).isEqualTo(plan.dataEpochs());
    }
  }

  @Test
  void replayChangesNeitherBatchesNorCompute() {
    for (Curriculum preset : Curricula.presets()) {
      Curriculum small = preset.scaledTo(32, 4);
      for (double epochs : new double[] {3, 7.3}) {
        TrainingPlan plain = TrainingPlan.of(small, PlanRequest.of(1536, epochs, 128));
        TrainingPlan replayed =
            TrainingPlan.of(small.withReplay(4), PlanRequest.of(1536, epochs, 128));
        assertThat(replayed.totalSteps()).isEqualTo(plain.totalSteps());
        assertThat(replayed.equivalentEpochs()).isEqualTo(plain.equivalentEpochs());
        assertThat(replayed.phases())
            .extracting(Phase::steps)
            .isEqualTo(plain.phases().stream().map(Phase::steps).toList());
        assertThat(replayed.dataEpochs()).isCloseTo(plain.dataEpochs() / 4, within(1e-9));
        assertThat(replayed.stepsOfEpochs(2)).isEqualTo(plain.stepsOfEpochs(2));
      }
    }
  }

  @Test
  void theOfficialReplayScriptsComeOutToTheStep() {
    String golden = Golden.text("recipes/replay.json");
    for (String model : List.of("deit_small", "resnet50", "swin_tiny", "cswin_tiny")) {
      String one = Golden.object(golden, model);
      TrainingPlan plan = official(model);
      assertThat(plan.dataEpochs()).as(model).isEqualTo(Golden.number(one, "passesOverFreshData"));
      assertThat(plan.totalSteps()).as(model).isEqualTo((long) Golden.number(one, "totalSteps"));
      List<String> stages = Golden.objects(one);
      assertThat(plan.phases()).as(model).hasSameSizeAs(stages);
      for (int i = 0; i < stages.size(); i++) {
        Phase phase = plan.phases().get(i);
        String stage = stages.get(i);
        String what = model + " stage " + i;
        PlannedBatch batch = plan.batchAt(phase.firstStep());
        assertThat(phase.bandwidth()).as(what).isEqualTo((int) Golden.number(stage, "bandwidth"));
        assertThat(phase.replay()).as(what).isEqualTo((int) Golden.number(stage, "replayTimes"));
        assertThat(phase.epochs()).as(what).isEqualTo(Golden.number(stage, "passesOverFreshData"));
        assertThat((double) phase.stepsPerEpoch())
            .as(what)
            .isEqualTo(Golden.number(stage, "stepsPerEpoch"));
        assertThat((double) phase.steps()).as(what).isEqualTo(Golden.number(stage, "steps"));
        double parts = Golden.number(stage, "gradientAccumulation");
        assertThat((double) batch.fresh())
            .as(what)
            .isEqualTo(Golden.number(stage, "freshImagesPerRankAndForward") * parts);
        assertThat((double) batch.count() - batch.fresh())
            .as(what)
            .isEqualTo(Golden.number(stage, "replayedImagesPerRankAndForward"));
        assertThat(batch.replayFrom()).as(what).isEqualTo(phase.firstStep());
        assertThat(batch.first()).as(what).isZero();
      }
    }
  }

  /** The official launch of a model with its replay buffer, at 200 equivalent epochs. */
  static TrainingPlan official(String model) {
    String replay =
        switch (model) {
          case "deit_small" -> ":deit replay 4,2,1,1";
          case "resnet50" -> " replay 4,2,1";
          default -> " replay 2,1,1";
        };
    PlanRequest request = PlanRequest.of(1_281_167, 200, 4096).withRanks(8);
    return TrainingPlan.of(Curricula.of("efficienttrain++" + replay), request);
  }

  @Test
  void replayIsWrittenInEitherForm() {
    Curriculum suffix = Curricula.of("efficienttrain++ replay 4, 2,1");
    assertThat(suffix.stages())
        .extracting(Stage::replay)
        .containsExactly(4, 4, 2, 2, 2, 2, 1, 1, 1, 1);
    assertThat(suffix.replays()).isTrue();
    assertThat(Curricula.EFFICIENTTRAIN_PLUS_PLUS.replays()).isFalse();
    assertThat(suffix.name()).isEqualTo("efficienttrain++ replay 4, 2,1");
    assertThat(Curricula.of(suffix.toText()).stages()).isEqualTo(suffix.stages());
    Curriculum own = Curricula.of("Compute 96:1@2x4,224:3 magnitude 0-9/4");
    assertThat(own.stages()).extracting(Stage::replay).containsExactly(4, 1, 1, 1);
    assertThat(own.scaledTo(32, 4).stages()).extracting(Stage::replay).containsExactly(4, 1, 1, 1);
    assertThat(own.withReplay(2).toText()).contains("@3x2");

    assertThatThrownBy(() -> Curricula.of("efficienttrain++ replay 4,2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bandwidths [96, 160, 224]");
    assertThatThrownBy(() -> Curricula.of("efficienttrain++ replay 4,x,1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("replay 4,2,1");
    assertThatThrownBy(() -> Curricula.of("96:1x0,224:1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 64 times, not 0");
  }
}
