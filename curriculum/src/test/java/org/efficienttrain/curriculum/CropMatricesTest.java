package org.efficienttrain.curriculum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CropMatricesTest {

  @Test
  void equalsTheOfficialCrop() {
    var cases = Golden.objects(Golden.text("ops/low_frequency_crop.json"));
    assertThat(cases).hasSize(10);
    for (String golden : cases) {
      int size = (int) Golden.number(golden, "size");
      int bandwidth = (int) Golden.number(golden, "bandwidth");
      double[] shape = Golden.numbers(golden, "output_shape");
      int channels = (int) shape[1];
      CropMatrices crop = CropMatrices.of(size, bandwidth);
      assertThat((double) crop.outputSize()).isEqualTo(shape[2]);

      double[] input = Golden.uniform(Golden.string(golden, "input"), channels * size * size);
      int outputPixels = crop.outputSize() * crop.outputSize();
      double[] output = new double[channels * outputPixels];
      for (int c = 0; c < channels; c++) {
        double[] channel = Arrays.copyOfRange(input, c * size * size, (c + 1) * size * size);
        System.arraycopy(crop.apply(channel), 0, output, c * outputPixels, outputPixels);
      }

      // The files print ten significant digits.
      String what = size + " -> " + bandwidth;
      double l2 = Math.sqrt(Arrays.stream(output).map(v -> v * v).sum());
      assertThat(l2).as(what).isCloseTo(Golden.number(golden, "l2"), within(1e-9));
      assertThat(Arrays.stream(output).average().orElseThrow())
          .as(what)
          .isCloseTo(Golden.number(golden, "mean"), within(1e-12));
      if (Golden.has(golden, "samples")) {
        double[] samples = Golden.numbers(golden, "samples");
        assertThat(samples).hasSize(128);
        for (int i = 0; i < samples.length; i += 2) {
          assertThat(output[(int) samples[i]]).as(what).isCloseTo(samples[i + 1], within(1e-9));
        }
      } else {
        double[] expected = Golden.numbers(golden, "output");
        assertThat(expected).hasSameSizeAs(output);
        for (int i = 0; i < expected.length; i++) {
          assertThat(output[i]).as(what).isCloseTo(expected[i], within(1e-9));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"8,2", "8,6", "9,4", "9,8", "10,7", "12,12", "15,5", "21,20", "32,21"})
  void equalsADiscreteFourierTransformTakenByDefinition(int size, int bandwidth) {
    double[] image =
        new Random(size * 100L + bandwidth).doubles((long) size * size, -1, 1).toArray();

    double[] actual = CropMatrices.of(size, bandwidth).apply(image);

    double[] expected = cropByDefinition(image, size, bandwidth);
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(1e-13));
    }
  }

  /** Keeps frequencies -b .. b-1 on both axes, scales, transforms back, takes the real part. */
  private static double[] cropByDefinition(double[] image, int size, int bandwidth) {
    int b = bandwidth / 2;
    int side = 2 * b;
    double[] result = new double[side * side];
    for (int u = -b; u < b; u++) {
      for (int v = -b; v < b; v++) {
        double real = 0;
        double imaginary = 0;
        for (int y = 0; y < size; y++) {
          for (int x = 0; x < size; x++) {
            double angle = -2 * Math.PI * (u * y + v * x) / size;
            real += image[y * size + x] * Math.cos(angle);
            imaginary += image[y * size + x] * Math.sin(angle);
          }
        }
        for (int i = 0; i < side; i++) {
          for (int j = 0; j < side; j++) {
            double angle = 2 * Math.PI * (u * i + v * j) / side;
            result[i * side + j] +=
                (real * Math.cos(angle) - imaginary * Math.sin(angle)) / ((double) size * size);
          }
        }
      }
    }
    return result;
  }

  @Test
  void keepsTheMeanAndLeavesConstantsAlone() {
    for (int size : new int[] {28, 33, 224}) {
      for (int bandwidth = 2; bandwidth <= size; bandwidth += 13) {
        CropMatrices crop = CropMatrices.of(size, bandwidth);
        double[] flat = new double[size * size];
        Arrays.fill(flat, 0.7);
        for (double value : crop.apply(flat)) {
          assertThat(value).isCloseTo(0.7, within(1e-12));
        }
      }
    }
  }

  @Test
  void isTheIdentityAtFullBandwidth() {
    for (int size : new int[] {2, 31, 32, 224}) {
      double[] image = new Random(1).doubles((long) size * size).toArray();
      CropMatrices crop = CropMatrices.of(size, size);
      assertThat(crop.isIdentity()).isTrue();
      assertThat(crop.apply(image)).isEqualTo(image);
    }
    assertThat(CropMatrices.of(33, 32).isIdentity()).isFalse();
  }

  @Test
  void keepsWavesBelowTheBandwidthAndRemovesThoseAbove() {
    int size = 64;
    CropMatrices crop = CropMatrices.of(size, 32);
    for (int wave = 1; wave < 32; wave++) {
      double[] image = new double[size * size];
      for (int i = 0; i < image.length; i++) {
        image[i] = Math.cos(2 * Math.PI * wave * (i % size) / size);
      }
      double[] seen = crop.apply(image);
      for (int i = 0; i < 32; i++) {
        double expected = wave < 16 ? Math.cos(2 * Math.PI * wave * i / 32.0) : 0;
        if (wave != 16) { // the edge frequency itself is kept by halves
          assertThat(seen[i]).isCloseTo(expected, within(1e-12));
        }
      }
    }
  }

  @Test
  void exposesItsPartsAsCopies() {
    CropMatrices crop = CropMatrices.of(28, 20);
    assertThat(crop.resample()).hasSize(20 * 28);
    assertThat(crop.nyquist()).hasSize(28);
    assertThat(crop.signs()).hasSize(20).startsWith(1, -1, 1);
    crop.resample()[0] = 99;
    assertThat(crop.resample()[0]).isNotEqualTo(99);
  }

  @Test
  void refusesImpossibleBandwidths() {
    assertThatThrownBy(() -> CropMatrices.of(32, 33))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("side 32 to bandwidth 33");
    assertThatThrownBy(() -> CropMatrices.of(32, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CropMatrices.of(32, 16).apply(new double[5]))
        .hasMessageContaining("5 values");
  }
}
