package org.efficienttrain.training.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.augment.BatchMix;
import org.efficienttrain.images.augment.BatchMix.Mixture;
import org.efficienttrain.images.augment.RandomErasing;
import org.efficienttrain.images.pixel.Region;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.Test;

class BatchPreparationTest {
  private static final int SIDE = 5;

  @Test
  void bytesBecomeNormalisedChannels() {
    ByteBuffer pixels = ByteBuffer.allocateDirect(2 * SIDE * SIDE * 3);
    for (int i = 0; i < pixels.capacity(); i++) {
      pixels.put(i, (byte) (i * 7));
    }
    try (Preparation preparation = new Preparation(SIDE, SIDE, Device.CPU);
        Scope scope = Scope.open()) {
      Tensor images = preparation.apply(pixels, 2);

      assertThat(images.shape()).containsExactly(2, 3, SIDE, SIDE);
      float[] values = images.toFloats();
      for (int n = 0; n < 2; n++) {
        for (int c = 0; c < 3; c++) {
          for (int at = 0; at < SIDE * SIDE; at++) {
            int value = pixels.get((n * SIDE * SIDE + at) * 3 + c) & 0xFF;
            double wanted = (value / 255.0 - Normalisation.mean()[c]) / Normalisation.std()[c];
            assertThat((double) values[(n * 3 + c) * SIDE * SIDE + at])
                .isCloseTo(wanted, within(1e-5));
          }
        }
      }
    }
  }

  @Test
  void mixingFollowsItsDefinition() {
    BatchMix mixing = new BatchMix(0.8, 1, 1, 0.5);
    int cut = 0;
    for (int draw = 0; draw < 20; draw++) {
      Mixture mixture = mixing.sample(4, 8, 8, RandomSource.of(1, draw));
      try (Scope scope = Scope.open()) {
        Tensor before = Tensors.randn(4, 3, 8, 8);
        float[] x = before.toFloats();
        float[] mixed = BatchPreparation.mix(before.copy(), mixture).toFloats();
        for (int i = 0; i < x.length; i++) {
          int image = i / 192;
          float partner = x[mixture.partner(image) * 192 + i % 192];
          double wanted = wanted(mixture, i % 8, i / 8 % 8, x[i], partner);
          assertThat((double) mixed[i]).isCloseTo(wanted, within(1e-6));
        }
      }
      cut += mixture.box() == null ? 0 : 1;
    }
    assertThat(cut).as("draws of cutmix").isBetween(3, 17);
  }

  private static double wanted(Mixture m, int x, int y, float own, float partner) {
    Region box = m.box();
    if (box == null) {
      return m.lambda() * own + (1 - m.lambda()) * partner;
    }
    boolean inside =
        x >= box.x() && x < box.x() + box.width() && y >= box.y() && y < box.y() + box.height();
    return inside ? partner : own;
  }

  @Test
  void erasingFillsItsRectanglesAndNothingElse() {
    RandomErasing erasing = RandomErasing.withProbability(0.5);
    RandomSource expected = RandomSource.of(3, 4);
    try (Scope scope = Scope.open()) {
      Tensor images = Tensors.zeros(32, 3, 16, 16);
      BatchPreparation.erase(images, erasing, RandomSource.of(3, 4));
      int erased = 0;
      for (int i = 0; i < 32; i++) {
        Region box = erasing.sample(16, 16, expected).orElse(null);
        long changed = 0;
        for (float value : images.select(0, i).toFloats()) {
          changed += value == 0 ? 0 : 1;
        }
        assertThat(changed).isEqualTo(box == null ? 0 : 3L * box.width() * box.height());
        erased += box == null ? 0 : 1;
      }
      assertThat(erased).isBetween(6, 26);
    }
  }
}
