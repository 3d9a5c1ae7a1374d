package org.efficienttrain.training.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Fft;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LowFrequencyCropTest {
  /** The fill rule of the golden files. */
  private static float[] u(String name, int n) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      long z = crc.getValue() + (i + 1) * 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      z ^= z >>> 31;
      out[i] = (float) ((z >>> 40) / (double) (1 << 23) - 1);
    }
    return out;
  }

  @Test
  void equalsTheOfficialCrop() throws Exception {
    JsonNode cases;
    try (InputStream in =
        LowFrequencyCropTest.class.getResourceAsStream("/golden/ops/low_frequency_crop.json")) {
      cases = new ObjectMapper().readTree(in);
    }
    assertThat(cases.size()).isGreaterThan(3);
    for (JsonNode c : cases) {
      int size = c.get("size").asInt();
      int channels = c.get("input_shape").get(1).asInt();
      try (Scope scope = Scope.open();
          LowFrequencyCrop crop =
              new LowFrequencyCrop(size, c.get("bandwidth").asInt(), Device.CPU)) {
        Tensor x =
            Tensors.of(u(c.get("input").asText(), channels * size * size), 1, channels, size, size);
        float[] ours = crop.apply(x).toFloats();
        JsonNode whole = c.get("output");
        if (whole != null) {
          assertThat(ours).hasSize(whole.size());
          for (int i = 0; i < ours.length; i++) {
            assertThat((double) ours[i]).isCloseTo(whole.get(i).asDouble(), within(1e-5));
          }
        } else {
          for (JsonNode sample : c.get("samples")) {
            assertThat((double) ours[sample.get(0).asInt()])
                .isCloseTo(sample.get(1).asDouble(), within(1e-5));
          }
        }
      }
    }
  }

  @ParameterizedTest(name = "side {0}")
  @ValueSource(ints = {28, 32, 45, 64, 96, 101, 224, 384})
  void equalsTheFourierTransformForEvenAndOddBandwidths(int size) {
    Generator.seed(size);
    for (int bandwidth : new int[] {2, 3, size / 3, size / 2 + 1, size - 3, size - 2, size - 1}) {
      try (Scope scope = Scope.open();
          LowFrequencyCrop crop = new LowFrequencyCrop(size, bandwidth, Device.CPU)) {
        Tensor x = Tensors.randn(2, 3, size, size);
        Tensor difference = crop.apply(x).sub(Fft.lowFrequencyCrop(x, bandwidth)).abs();
        assertThat(difference.amax(new long[] {0, 1, 2, 3}, false).item())
            .as("bandwidth %d of %d", bandwidth, size)
            .isLessThan(1e-5);
      }
    }
  }

  @Test
  void keepsTheMeanAndLeavesTheFullBandwidthAlone() {
    try (Scope scope = Scope.open();
        LowFrequencyCrop crop = new LowFrequencyCrop(32, 16, Device.CPU);
        LowFrequencyCrop full = new LowFrequencyCrop(32, 32, Device.CPU)) {
      Tensor x = Tensors.rand(4, 3, 32, 32);
      assertThat(crop.apply(x).mean().item()).isCloseTo(x.mean().item(), within(1e-6));
      assertThat(full.apply(x)).isSameAs(x);
      assertThat(crop.apply(x).dtype()).isEqualTo(DType.FLOAT32);
    }
  }

  @Test
  void refusesImagesOfAnotherSize() {
    try (Scope scope = Scope.open();
        LowFrequencyCrop crop = new LowFrequencyCrop(32, 16, Device.CPU)) {
      assertThatThrownBy(() -> crop.apply(Tensors.ones(1, 3, 28, 28)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("side 32");
    }
  }
}
