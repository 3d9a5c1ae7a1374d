package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.Test;

/** Which patches a masked autoencoder hides, and that it does not see them. */
class MaeMaskingTest extends SmallMae {
  @Test
  void theSmallestNoiseStaysVisible() {
    try (Scope scope = Scope.open();
        NoGrad noGrad = NoGrad.open()) {
      double[] noise = new double[2 * 64];
      for (int i = 0; i < 64; i++) {
        noise[i] = i;
        noise[64 + i] = i % 2; // equal numbers: the first ones
      }
      Mae.Output out = model.forward(images(2, 32), 0.75, Tensors.of(noise, 2, 64));
      double[] mask = out.mask().toDoubles();
      for (int i = 0; i < 64; i++) {
        assertThat(mask[i]).isEqualTo(i < 16 ? 0 : 1);
        assertThat(mask[64 + i]).isEqualTo(i < 32 && i % 2 == 0 ? 0 : 1);
      }
    }
  }

  /** Of the image the encoder sees the visible patches alone: the others can be anything. */
  @Test
  void hiddenPixelsChangeTheLossButNotThePrediction() {
    try (Scope scope = Scope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor noise = Tensors.arange(64).to(DType.FLOAT32).view(1, 64);
      Tensor images = images(1, 32);
      // The last row of patches is hidden, the first is visible.
      Tensor below = Tensors.cat(List.of(images.narrow(2, 0, 28), images.narrow(2, 0, 4)), 2);
      Tensor above = Tensors.cat(List.of(images.narrow(2, 28, 4), images.narrow(2, 4, 28)), 2);
      Mae.Output out = model.forward(images, 0.75, noise);
      Mae.Output changedBelow = model.forward(below, 0.75, noise);
      assertThat(changedBelow.prediction().bitEquals(out.prediction())).isTrue();
      assertThat(changedBelow.loss().item()).isNotEqualTo(out.loss().item());
      assertThat(model.forward(above, 0.75, noise).prediction().bitEquals(out.prediction()))
          .isFalse();
    }
  }

  @Test
  void theSameSeedHidesTheSamePatches() {
    try (Scope scope = Scope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor images = images(2, 32);
      Generator.seed(5);
      Mae.Output first = model.forward(images, 0.75);
      Mae.Output other = model.forward(images, 0.75);
      Generator.seed(5);
      Mae.Output again = model.forward(images, 0.75);
      assertThat(again.loss().bitEquals(first.loss())).isTrue();
      assertThat(again.mask().bitEquals(first.mask())).isTrue();
      assertThat(other.mask().bitEquals(first.mask())).isFalse();
      assertThat(first.mask().sum(new long[] {1}, false).toDoubles()).containsExactly(48, 48);
    }
  }
}
