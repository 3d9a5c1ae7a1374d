package org.efficienttrain.images.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.augment.BatchMix.Mixture;
import org.efficienttrain.images.pixel.Golden;
import org.efficienttrain.images.pixel.Region;
import org.junit.jupiter.api.Test;

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
        new Mixture(labels.length, golden.get("lam").asDouble(), null)
            .targets(labels, classes, golden.get("smoothing").asDouble());

    for (int i = 0; i < actual.length; i++) {
      double expected = golden.get("out").get(i / classes).get(i % classes).asDouble();
      assertThat((double) actual[i]).isCloseTo(expected, within(1e-7));
    }
  }

  @Test
  void lambdaIsTheShareOfASampleThatIsLeft() {
    BatchMix cutmix = new BatchMix(0, 1, 1, 0.5);
    for (int i = 0; i < 1000; i++) {
      Mixture mixture = cutmix.sample(7, SIDE, SIDE, random(i));
      Region box = mixture.box();
      double area = box == null ? 0 : box.width() * box.height();
      assertThat(mixture.lambda()).isCloseTo(1 - area / (SIDE * SIDE), within(1e-12));
      if (box != null) {
        assertThat(box.x() + box.width()).isLessThanOrEqualTo(SIDE);
        assertThat(box.y() + box.height()).isLessThanOrEqualTo(SIDE);
      }
    }
  }

  /** Beta(a, a) has mean 1/2 and variance 1 / (4 (2a + 1)). */
  @Test
  void lambdaFollowsTheBetaDistribution() {
    for (double alpha : new double[] {0.2, 0.8, 1, 3}) {
      BatchMix mixup = new BatchMix(alpha, 0, 1, 0.5);
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < 40_000; i++) {
        double off = mixup.sample(2, SIDE, SIDE, random(i)).lambda() - 0.5;
        sum += off;
        squares += off * off;
      }
      double variance = 1 / (4 * (2 * alpha + 1));
      assertThat(sum / 40_000).isCloseTo(0, within(0.01));
      assertThat(squares / 40_000).isCloseTo(variance, within(0.03 * variance));
    }
  }

  @Test
  void mixingAndSwitchingHappenAtTheirRates() {
    BatchMix mix = new BatchMix(0.8, 1, 0.6, 0.25);
    int mixed = 0;
    int boxes = 0;
    for (int i = 0; i < 20_000; i++) {
      Mixture mixture = mix.sample(2, 64, 64, random(i));
      mixed += mixture.identity() ? 0 : 1;
      boxes += mixture.box() == null ? 0 : 1;
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
        .isThrownBy(() -> new BatchMix(-1, 0, 1, 0.5))
        .withMessageContaining("-1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Mixture(1, 1, null).targets(new int[] {5}, 5, 0))
        .withMessage("label 5 is not one of 5 classes");
  }
}
