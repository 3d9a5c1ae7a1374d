package org.efficienttrain.curriculum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingPlanTest {
  /** ImageNet-1K with the official batch: 312 steps an epoch. */
  private static final PlanRequest IMAGENET = PlanRequest.of(1_281_167, 300, 4096);

  private static TrainingPlan imagenet(String curriculum, double epochs) {
    return TrainingPlan.of(Curricula.of(curriculum), PlanRequest.of(1_281_167, epochs, 4096));
  }

  private static Map<Integer, Double> epochsPerBandwidth(TrainingPlan plan) {
    Map<Integer, Double> epochs = new LinkedHashMap<>();
    plan.phases().forEach(p -> epochs.merge(p.bandwidth(), p.epochs(), Double::sum));
    return epochs;
  }

  @Test
  void efficientTrainOverThreeHundredEpochsIsThePapersTable() {
    TrainingPlan plan = imagenet("efficienttrain", 300);
    assertThat(plan.phases())
        .extracting(Phase::firstEpoch)
        .containsExactly(0., 60., 120., 180., 240.);
    assertThat(plan.phases()).extracting(Phase::epochs).containsOnly(60.);
    assertThat(plan.phases()).extracting(Phase::bandwidth).containsExactly(160, 160, 160, 192, 224);
    assertThat(plan.phases()).extracting(Phase::magnitude).containsExactly(1., 3., 5., 7., 9.);
    assertThat(plan.phases()).extracting(Phase::steps).containsOnly(60L * 312);
    assertThat(plan.totalSteps()).isEqualTo(93_600);
    assertThat(plan.relativeCost()).isCloseTo(0.653, within(5e-4));
    assertThat(plan.speedUp()).isCloseTo(1.531, within(5e-4));
  }

  @ParameterizedTest
  @CsvSource({
    "efficienttrain++, 100, 96=108 160=78 224=40, 226",
    "efficienttrain++, 150, 96=163 160=117 224=60, 340",
    "efficienttrain++, 200, 96=217 160=157 224=80, 454",
    "efficienttrain++, 300, 96=326 160=235 224=120, 681",
    "efficienttrain++:convnext, 100, 160=117 224=40, 157",
    "efficienttrain++:convnext, 150, 160=176 224=60, 236",
    "efficienttrain++:convnext, 200, 160=235 224=80, 315",
    "efficienttrain++:convnext, 300, 160=352 224=120, 472",
    "efficienttrain++:deit, 100, 96=108 160=78 192=27 224=21, 234",
    "efficienttrain++:deit, 150, 96=163 160=117 192=41 224=30, 351",
    "efficienttrain++:deit, 200, 96=217 160=157 192=54 224=41, 469",
    "efficienttrain++:deit, 300, 96=326 160=235 192=82 224=60, 703",
  })
  void computeClockPassesAreTheOfficialScriptsToTheEpoch(
      String curriculum, int epochs, String expected, int total) {
    TrainingPlan plan = imagenet(curriculum, epochs);
    Map<Integer, Double> passes = new LinkedHashMap<>();
    for (String part : expected.split(" ", -1)) {
      String[] pair = part.split("=", 2);
      passes.put(Integer.valueOf(pair[0]), Double.valueOf(pair[1]));
    }
    assertThat(epochsPerBandwidth(plan)).isEqualTo(passes);
    assertThat(plan.dataEpochs()).isEqualTo(total);
    assertThat(plan.totalSteps()).isEqualTo(total * 312L);
    assertThat(plan.phases()).hasSize(10);
    assertThat(plan.phases())
        .extracting(Phase::magnitude)
        .containsExactly(0., 1., 2., 3., 4., 5., 6., 7., 8., 9.);
    assertThat(plan.relativeCost()).isCloseTo(1, within(0.01));
    assertThat(plan.speedUpOver(300)).isCloseTo(300.0 / epochs, within(0.02));
  }

  @Test
  void twoHundredEquivalentEpochsAreMoreStepsThanTheBaseline() {
    assertThat(imagenet("efficienttrain++", 200).totalSteps()).isEqualTo(141_648);
  }

  @Test
  void theBaselineIsOnePhaseOfCostOne() {
    TrainingPlan plan = imagenet("none", 300);
    assertThat(plan.phases()).hasSize(1);
    assertThat(plan.relativeCost()).isEqualTo(1);
    assertThat(plan.phaseAt(0).exposure()).isEqualTo(new Exposure(224, 9));
  }

  @Test
  void absoluteBandwidthsSaveMoreAtALargerFinalSize() {
    for (var sizeAndSpeedUp : Map.of(384, 2.82, 512, 3.49).entrySet()) {
      Curriculum large =
          Curricula.EFFICIENTTRAIN.scaledTo(sizeAndSpeedUp.getKey(), 32, Scaling.ABSOLUTE);
      assertThat(TrainingPlan.of(large, IMAGENET).speedUp())
          .isCloseTo(sizeAndSpeedUp.getValue(), within(5e-3));
    }
  }

  @Test
  void everyPresetSizeAndLengthGivesASoundPlan() {
    for (Curriculum preset : Curricula.presets()) {
      for (int size : new int[] {32, 64, 96, 128, 160, 224, 288, 384}) {
        Curriculum curriculum = preset.scaledTo(size, Curricula.defaultMultiple(size));
        for (int epochs = 1; epochs <= 400; epochs++) {
          for (long images : new long[] {64, 1000, 50_000}) {
            checkInvariants(TrainingPlan.of(curriculum, PlanRequest.of(images, epochs, 64)));
          }
        }
      }
    }
  }

  @Test
  void fractionalEpochsGiveASoundPlanToo() {
    for (Curriculum preset : Curricula.presets()) {
      for (double epochs = 0.05; epochs < 30; epochs += 0.37) {
        checkInvariants(TrainingPlan.of(preset, PlanRequest.of(5000, epochs, 64)));
      }
    }
  }

  private static void checkInvariants(TrainingPlan plan) {
    String what =
        plan.curriculum()
            + " "
            + plan.request().epochs()
            + " epochs, "
            + plan.request().images()
            + " images";
    long step = 0;
    double epoch = 0;
    Phase before = null;
    for (Phase phase : plan.phases()) {
      assertThat(phase.firstStep()).as(what).isEqualTo(step);
      assertThat(phase.firstEpoch()).as(what).isCloseTo(epoch, within(1e-9));
      assertThat(phase.steps()).as(what).isPositive();
      assertThat(phase.epochs()).as(what).isPositive();
      assertThat(phase.microBatch() * phase.accumulation()).as(what).isEqualTo(phase.batchSize());
      if (before != null) {
        assertThat(phase.bandwidth()).as(what).isGreaterThanOrEqualTo(before.bandwidth());
        assertThat(phase.exposure()).as(what).isNotEqualTo(before.exposure());
      }
      step = phase.endStep();
      epoch = phase.endEpoch();
      before = phase;
    }
    assertThat(before.bandwidth()).as(what).isEqualTo(plan.curriculum().imageSize());
    assertThat(plan.totalSteps()).as(what).isEqualTo(step);
    double wanted = plan.request().epochs();
    long perEpoch = plan.request().stepsPerEpoch();
    if (plan.curriculum().clock() == Clock.EPOCHS) {
      assertThat(plan.totalSteps()).as(what).isEqualTo(Math.max(1, Math.round(wanted * perEpoch)));
    } else {
      // Within one step, or, where epochs are kept whole, within a tenth of a slice.
      double tolerance = Math.max(1.0 / perEpoch, wanted < 100 ? 0 : wanted * 0.01);
      assertThat(plan.equivalentEpochs()).as(what).isCloseTo(wanted, within(tolerance));
    }
    assertThat(plan.progress(0)).as(what).isZero();
    assertThat(plan.progress(step)).as(what).isEqualTo(1);
    double progress = 0;
    for (Phase phase : plan.phases()) {
      double next = plan.progress(phase.endStep());
      assertThat(next).as(what).isGreaterThan(progress);
      progress = next;
    }
  }

  @Test
  void progressIsStrictlyIncreasingAndFollowsTheClock() {
    for (Curriculum curriculum : Curricula.presets()) {
      TrainingPlan plan = TrainingPlan.of(curriculum, PlanRequest.of(640, 60, 64));
      for (long step = 0; step < plan.totalSteps(); step++) {
        assertThat(plan.progress(step + 1)).isGreaterThan(plan.progress(step));
      }
    }
    TrainingPlan compute = imagenet("efficienttrain++", 200);
    assertThat(compute.progress(217 * 312)).isCloseTo(0.2, within(1e-3));
    assertThat(compute.progress((217 + 157) * 312)).isCloseTo(0.6, within(1e-3));
    assertThat(imagenet("efficienttrain", 300).progress(60 * 312)).isEqualTo(0.2);
  }

  @Test
  void shortRunsAreCutInsideEpochsSoThatTheirCostIsRight() {
    Curriculum small = Curricula.EFFICIENTTRAIN.scaledTo(32, 4);
    TrainingPlan plan = TrainingPlan.of(small, PlanRequest.of(50_000, 6, 100));
    assertThat(plan.phases()).extracting(Phase::steps).containsOnly(600L);
    assertThat(plan.phases())
        .allSatisfy(phase -> assertThat(phase.epochs()).isCloseTo(1.2, within(1e-12)));
    assertThat(plan.batchAt(0)).isEqualTo(new PlannedBatch(0, 0, 100, 100, new Exposure(24, 1), 0));
    assertThat(plan.batchAt(600))
        .isEqualTo(new PlannedBatch(1, 10_000, 100, 100, new Exposure(24, 3), 600));
    assertThat(plan.batchAt(2999))
        .isEqualTo(new PlannedBatch(5, 49_900, 100, 100, new Exposure(32, 9), 2999));
    assertThat(plan.epochAt(2999)).isEqualTo(5 + 499 / 500.0);
    assertThat(plan.epochAt(3000)).isEqualTo(6);

    Curriculum plus = Curricula.EFFICIENTTRAIN_PLUS_PLUS.scaledTo(32, 4);
    TrainingPlan four = TrainingPlan.of(plus, PlanRequest.of(50_000, 4, 100));
    assertThat(four.equivalentEpochs()).isCloseTo(4, within(1e-3));
    assertThat(four.phases()).hasSize(10);
  }

  @Test
  void aRunOfOneStepShowsTheFullBandwidth() {
    for (Curriculum curriculum : Curricula.presets()) {
      TrainingPlan plan = TrainingPlan.of(curriculum, PlanRequest.of(10, 1, 10));
      assertThat(plan.phaseAt(plan.totalSteps() - 1).bandwidth()).isEqualTo(224);
    }
  }

  @Test
  void microBatchesGrowAsBandwidthShrinksAndTheBatchStays() {
    PlanRequest request = PlanRequest.of(1_281_167, 200, 4096).withRanks(8).withMicroBatch(128);
    TrainingPlan plan = TrainingPlan.of(Curricula.EFFICIENTTRAIN_PLUS_PLUS, request);
    Map<Integer, Integer> micro = new LinkedHashMap<>();
    for (Phase phase : plan.phases()) {
      micro.put(phase.bandwidth(), phase.microBatch());
      assertThat(8 * phase.microBatch() * phase.accumulation()).isEqualTo(4096);
    }
    // 128 x 1.96 = 250 holds 128; 128 x 5.44 = 696 holds all 512 of the rank.
    assertThat(micro).isEqualTo(Map.of(96, 512, 160, 128, 224, 128));
  }

  @Test
  void earlyLargeBatchTakesFewerLargerStepsForTheSamePasses() {
    PlanRequest request = PlanRequest.of(1_281_167, 200, 1024).withEarlyLargeBatch(4);
    TrainingPlan plan = TrainingPlan.of(Curricula.EFFICIENTTRAIN_PLUS_PLUS, request);
    TrainingPlan plain = imagenet("efficienttrain++", 200);
    assertThat(epochsPerBandwidth(plan)).isEqualTo(epochsPerBandwidth(plain));
    Phase first = plan.phases().get(0);
    assertThat(first.batchSize()).isEqualTo(4096);
    assertThat(first.learningRateScale()).isEqualTo(2);
    assertThat(first.stepsPerEpoch()).isEqualTo(312);
    assertThat(plan.phases().get(2).batchSize()).isEqualTo(2048);
    Phase last = plan.phases().get(9);
    assertThat(last.batchSize()).isEqualTo(1024);
    assertThat(last.learningRateScale()).isEqualTo(1);
    assertThat(plan.batchAt(last.firstStep()).first()).isZero();
    assertThat(plan.batchAt(last.firstStep()).epoch()).isEqualTo((long) last.firstEpoch());
    assertThat(plan.progress(first.endStep())).isCloseTo(0.1, within(2e-3));
    assertThat(plan.equivalentEpochs()).isCloseTo(200, within(1.0));
  }

  @Test
  void aMeasuredCostChangesCostAndComputeClock() {
    // An overhead that no bandwidth saves: half the cost of a full image is fixed.
    CostModel model = CostModel.flops(b -> 224 * 224 + b * b);
    PlanRequest request = PlanRequest.of(1_281_167, 300, 4096).withCostModel(model);
    double pixels = imagenet("efficienttrain", 300).relativeCost();
    assertThat(TrainingPlan.of(Curricula.EFFICIENTTRAIN, request).relativeCost())
        .isCloseTo((1 + pixels) / 2, within(1e-12));
    TrainingPlan plus = TrainingPlan.of(Curricula.EFFICIENTTRAIN_PLUS_PLUS, request);
    assertThat(plus.equivalentEpochs()).isCloseTo(300, within(2.0));
    assertThatThrownBy(() -> TrainingPlan.of(Curricula.NONE, request.withCostModel((b, size) -> 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.0 for bandwidth 224");
  }

  @Test
  void refusesRunsThatCannotBe() {
    assertThatThrownBy(() -> PlanRequest.of(100, 10, 128))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("100 images");
    assertThatThrownBy(() -> PlanRequest.of(100, 0, 10)).hasMessageContaining("epochs");
    assertThatThrownBy(() -> PlanRequest.of(100, Double.NaN, 10)).hasMessageContaining("epochs");
    assertThatThrownBy(() -> PlanRequest.of(100, 1, 0)).hasMessageContaining("Batch size 0");
    assertThatThrownBy(() -> PlanRequest.of(100, 1, 10).withRanks(3))
        .hasMessageContaining("3 ranks");
    TrainingPlan plan = TrainingPlan.of(Curricula.NONE, PlanRequest.of(100, 1, 10));
    assertThatThrownBy(() -> plan.phaseAt(10)).hasMessageContaining("steps 0 to 9");
    assertThatThrownBy(() -> plan.phaseAt(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> plan.progress(11)).isInstanceOf(IllegalArgumentException.class);
  }
}
