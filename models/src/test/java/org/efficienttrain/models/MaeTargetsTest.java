package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.Stream;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.DefaultDevice;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a masked autoencoder predicts, and the loss of it. */
class MaeTargetsTest extends SmallMae {
  static Stream<MaeVariant> all() {
    return MaeVariant.all().stream();
  }

  /** The loss by its definition, pixel by pixel, from the prediction and the mask. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void theLossIsTheSquaredErrorOfHiddenPatches(boolean normalised) {
    Mae other =
        MaeVariant.find("mae_vit_tiny_cifar")
            .orElseThrow()
            .build(32, normalised ? Mae.Target.PIXELS : Mae.Target.RAW);
    try (Scope scope = Scope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor images = images(2, 32);
      Mae.Output out = other.forward(images, 0.75);
      double[] pixels = images.toDoubles();
      double[] predicted = out.prediction().toDoubles();
      double[] mask = out.mask().toDoubles();
      double sum = 0;
      double hidden = 0;
      for (int p = 0; p < 2 * 64; p++) {
        double[] target = patch(pixels, p / 64, p % 64);
        double mean = Arrays.stream(target).average().orElseThrow();
        double variance = Arrays.stream(target).map(v -> (v - mean) * (v - mean)).sum() / 47;
        double error = 0;
        for (int i = 0; i < 48; i++) {
          double wanted = normalised ? (target[i] - mean) / Math.sqrt(variance + 1e-6) : target[i];
          error += Math.pow(predicted[48 * p + i] - wanted, 2) / 48;
        }
        sum += mask[p] * error;
        hidden += mask[p];
      }
      assertThat(hidden).isEqualTo(2 * 48);
      assertThat(out.loss().item()).isCloseTo(sum / hidden, within(1e-5));
    }
    other.close();
  }

  /** The 48 values of a patch of a 32 x 32 image, row by row, colours together. */
  private static double[] patch(double[] pixels, int image, int patch) {
    double[] out = new double[48];
    for (int i = 0; i < 48; i++) {
      int y = patch / 8 * 4 + i / 12;
      int x = patch % 8 * 4 + i / 3 % 4;
      out[i] = pixels[((image * 3 + i % 3) * 32 + y) * 32 + x];
    }
    return out;
  }

  /** The right prediction is the image itself, however its targets are scaled. */
  @ParameterizedTest
  @CsvSource({"PIXELS", "RAW"})
  void targetsMakeThePictureAgain(Mae.Target target) {
    Mae other = MaeVariant.find("mae_vit_tiny_cifar").orElseThrow().build(32, target);
    try (Scope scope = Scope.open()) {
      Tensor images = images(2, 32);
      Tensor again = other.picture(images, other.targets(images));
      assertThat(again.sub(images).abs().flatten(0, -1).amax(new long[] {0}, false).item())
          .isLessThan(1e-5);
    }
    other.close();
  }

  @ParameterizedTest
  @MethodSource("all")
  void predictsHistogramsOfEveryPatchSize(MaeVariant variant) {
    Hog hog = variant.config().hog();
    assertThat(hog.patch() % hog.cell()).isZero();
    try (DefaultDevice meta = DefaultDevice.open(Device.META)) {
      Mae shapes = variant.build(variant.imageSize(), Mae.Target.HOG);
      long size = 5L * hog.patch();
      try (Scope scope = Scope.open()) {
        Tensor images = Tensors.zeros(DType.FLOAT32, Device.META, 2, 3, size, size);
        Mae.Output out = shapes.forward(images, Mae.MASK_RATIO);
        assertThat(out.prediction().shape()).containsExactly(2, 25, hog.size());
        assertThat(out.loss().dim()).isZero();
        assertThatThrownBy(() -> shapes.picture(images, out.prediction()))
            .isInstanceOf(TensorException.class);
      }
      shapes.close();
    }
  }
}
