package org.efficienttrain.curriculum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpectrumTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 12, 32})
  void aWaveIsTwoPointsAtItsFrequency(int side) {
    int u = side / 4;
    int v = side / 5;
    double[] image = new double[side * side];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        image[y * side + x] = Math.cos(2 * Math.PI * (u * x + v * y) / (double) side);
      }
    }
    double[] spectrum = new Spectrum(side).amplitudes(image);
    double[] expected = new double[side * side];
    int middle = side / 2;
    expected[(middle + v) * side + middle + u] += side * side / 2.0;
    expected[(middle - v) * side + middle - u] += side * side / 2.0;
    assertThat(spectrum).containsExactly(expected, within(1e-9 * side * side));
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 16, 33})
  void energyIsKept(int side) { // Parseval
    double[] image = noise(side);
    double[] spectrum = new Spectrum(side).amplitudes(image);
    double energy = Arrays.stream(image).map(x -> x * x).sum();
    double ofSpectrum = Arrays.stream(spectrum).map(x -> x * x).sum() / (side * side);
    assertThat(ofSpectrum).isCloseTo(energy, within(1e-9 * energy));
  }

  /** The square that pictures draw is what the crop keeps: but for its edge of frequency -B/2. */
  @ParameterizedTest
  @CsvSource({"32,16", "28,20", "30,10"})
  void theMiddleOfTheSpectrumIsThatOfTheCrop(int side, int bandwidth) {
    double[] image = noise(side);
    double[] whole = new Spectrum(side).amplitudes(image);
    double[] crop =
        new Spectrum(bandwidth).amplitudes(CropMatrices.of(side, bandwidth).apply(image));
    double scale = Math.pow((double) bandwidth / side, 2);
    int from = side / 2 - bandwidth / 2;
    for (int v = 1; v < bandwidth; v++) {
      for (int u = 1; u < bandwidth; u++) {
        assertThat(crop[v * bandwidth + u])
            .isCloseTo(scale * whole[(from + v) * side + from + u], within(1e-9));
      }
    }
  }

  @Test
  void wrongSizesAreNamed() {
    assertThatThrownBy(() -> new Spectrum(0)).hasMessageContaining("1 to 1024, not 0");
    assertThatThrownBy(() -> new Spectrum(1025)).hasMessageContaining("not 1025");
    assertThatThrownBy(() -> new Spectrum(4).amplitudes(new double[15]))
        .hasMessage("The image has 15 values, not the 16 of a square of side 4.");
  }

  private static double[] noise(int side) {
    Random random = new Random(3);
    return random.doubles((long) side * side).toArray();
  }
}
