package org.efficienttrain.images.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.augment.BatchMix.Mixture;
import org.efficienttrain.images.augment.BatchMix.Mode;
import org.efficienttrain.images.pixel.Golden;
import org.efficienttrain.images.pixel.Region;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchMixTest {
  private static final int SIDE = 24;

  private static RandomSource random(long purpose) {
    return RandomSource.of(3, purpose);
  }

  @Test
  void targetsEqualTimms() {
    JsonNode golden = Golden.json("ops/mixup_target.json");
    int[] labels = new int[golden.get("targets").size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = golden.get("targets").get(i).asInt();
    }
    int classes = golden.get("num_classes").asInt();

    float[] actual =
        Mixture.blend(labels.length, golden.get("lam").asDouble())
            .targets(labels, classes, golden.get("smoothing").asDouble());

    for (int i = 0; i < actual.length; i++) {
      double expected = golden.get("out").get(i / classes).get(i % classes).asDouble();
      assertThat((double) actual[i]).isCloseTo(expected, within(1e-7));
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void lambdaIsTheShareOfTheSampleThatIsLeft(Mode mode) {
    BatchMix cutmix = new BatchMix(0, 1, 1, 0.5, mode);
    for (int i = 0; i < 200; i++) {
      Mixture mixture = cutmix.sample(7, SIDE, SIDE, random(i));
      for (int k = 0; k < 7; k++) {
        Region box = mixture.box(k);
        double area = box == null ? 0 : box.width() * box.height();
        assertThat(mixture.lambda(k)).isCloseTo(1 - area / (SIDE * SIDE), within(1e-12));
        if (box != null) {
          assertThat(box.x() + box.width()).isLessThanOrEqualTo(SIDE);
          assertThat(box.y() + box.height()).isLessThanOrEqualTo(SIDE);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void modesDifferInWhatSharesADraw(Mode mode) {
    Mixture mixture = new BatchMix(0.8, 0, 1, 0.5, mode).sample(6, SIDE, SIDE, random(1));

    boolean all = mixture.lambda(0) == mixture.lambda(1);
    boolean partners = mixture.lambda(0) == mixture.lambda(mixture.partner(0));
    assertThat(all).isEqualTo(mode == Mode.BATCH);
    assertThat(partners).isEqualTo(mode != Mode.ELEM);
    assertThat(mixture.uniform()).isEqualTo(mode == Mode.BATCH);
    assertThat(mixture.partner(mixture.partner(2))).isEqualTo(2);
  }

  /** Beta(a, a) has mean 1/2 and variance 1 / (4 (2a + 1)). */
  @Test
  void lambdaFollowsTheBetaDistribution() {
    for (double alpha : new double[] {0.2, 0.8, 1, 3}) {
      BatchMix mixup = new BatchMix(alpha, 0, 1, 0.5, Mode.ELEM);
      Mixture mixture = mixup.sample(40_000, SIDE, SIDE, random(9));
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < mixture.size(); i++) {
        sum += mixture.lambda(i) - 0.5;
        squares += (mixture.lambda(i) - 0.5) * (mixture.lambda(i) - 0.5);
      }
      double variance = 1 / (4 * (2 * alpha + 1));
      assertThat(sum / mixture.size()).isCloseTo(0, within(0.01));
      assertThat(squares / mixture.size()).isCloseTo(variance, within(0.03 * variance));
    }
  }

  @Test
  void mixingAndSwitchingHappenAtTheirRates() {
    BatchMix mix = new BatchMix(0.8, 1, 0.6, 0.25, Mode.ELEM);
    Mixture mixture = mix.sample(20_000, 64, 64, random(4));
    int mixed = 0;
    int boxes = 0;
    for (int i = 0; i < mixture.size(); i++) {
      mixed += mixture.lambda(i) < 1 ? 1 : 0;
      boxes += mixture.box(i) != null ? 1 : 0;
    }
    assertThat(mixed / 20_000.0).isCloseTo(0.6, within(0.02));
    assertThat(boxes / (double) mixed).isCloseTo(0.25, within(0.02));
  }

  @Test
  void noneMixesNothing() {
    Mixture mixture = BatchMix.none().sample(3, SIDE, SIDE, random(0));

    assertThat(mixture.identity()).isTrue();
    assertThat(mixture.targets(new int[] {0, 1, 1}, 2, 0)).containsExactly(1, 0, 0, 1, 0, 1);
  }

  @Test
  void impossibleSettingsAndLabelsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BatchMix(-1, 0, 1, 0.5, Mode.BATCH))
        .withMessageContaining("-1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mixture.blend(1, 1).targets(new int[] {5}, 5, 0))
        .withMessage("label 5 is not one of 5 classes");
  }
}
