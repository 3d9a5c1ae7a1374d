package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Histograms of gradients against the official layers of MaskFeat and FastMIM. */
class HogTest {
  private static final Hog HOG = new Hog(16, 8);

  private static JsonNode golden() {
    try (InputStream in = HogTest.class.getResourceAsStream("/golden/ops/hog.json")) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Stream<JsonNode> list(String name) {
    JsonNode nodes = golden().get(name);
    assertThat(nodes.size()).isPositive();
    return StreamSupport.stream(nodes.spliterator(), false);
  }

  static Stream<JsonNode> cases() {
    return list("cases");
  }

  static Stream<JsonNode> edgeCases() {
    return list("edge_cases");
  }

  private static Tensor input(String name, int n, int side) {
    return Tensors.of(GoldenFill.uniform(name, n * 3 * side * side), n, 3, side, side);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsTheOfficialLayers(JsonNode golden) {
    int side = golden.get("shape").get(2).asInt();
    try (Scope scope = Scope.open()) {
      Tensor targets = HOG.targets(input(golden.get("input").asText(), 1, side));
      assertThat(targets.shape()).containsExactly(1, (long) side * side / 256, 108);
      double[] ours = targets.toDoubles();
      JsonNode wanted = golden.get("targets");
      assertThat(ours).hasSize(wanted.size());
      for (int i = 0; i < ours.length; i++) {
        assertThat(ours[i]).as("value %d", i).isCloseTo(wanted.get(i).asDouble(), within(1e-5));
      }
    }
  }

  /** Small whole numbers, where every step is exact: borders, and gradients on a bin's edge. */
  @ParameterizedTest
  @MethodSource("edgeCases")
  void isExactOnTheEdges(JsonNode golden) {
    JsonNode pixels = golden.get("image");
    float[] image = new float[768];
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) pixels.get(i % pixels.size()).asDouble();
    }
    double[] wanted = new double[108];
    golden.get("nonzero").forEach(e -> wanted[e.get(0).asInt()] = e.get(1).asDouble());
    try (Scope scope = Scope.open()) {
      double[] ours = HOG.targets(Tensors.of(image, 1, 3, 16, 16)).toDoubles();
      for (int i = 0; i < 108; i++) {
        assertThat(ours[i]).as("value %d", i).isCloseTo(wanted[i], within(1e-5));
        if (wanted[i] == 0) {
          assertThat(ours[i]).as("value %d", i).isZero();
        }
      }
    }
  }

  /** Loss and gradient of the official code from a prediction and a mask: the mean of squares. */
  @Test
  void theLossIsTheOfficialOne() {
    JsonNode golden = golden().get("loss");
    try (Scope scope = Scope.open()) {
      Tensor targets = HOG.targets(input(golden.get("input").asText(), 2, 64));
      Tensor prediction =
          Tensors.of(GoldenFill.uniform(golden.get("pred").asText(), 2 * 16 * 108), 2, 16, 108)
              .requiresGrad_(true);
      float[] hidden = new float[32];
      for (int i = 0; i < 32; i++) {
        hidden[i] = (float) golden.get("mask").get(i / 16).get(i % 16).asDouble();
      }
      Tensor loss = Mae.loss(prediction, targets, Tensors.of(hidden, 2, 16));
      double wanted = golden.get("loss").asDouble();
      assertThat(loss.item()).isCloseTo(wanted, within(1e-6 * wanted));
      loss.backward();
      double norm = golden.get("gradient_l2").asDouble();
      assertThat(prediction.grad().norm().item()).isCloseTo(norm, within(1e-6 * norm));
      double[] first = prediction.grad().select(0, 0).select(0, 0).toDoubles();
      for (int i = 0; i < 8; i++) {
        assertThat(first[i])
            .isCloseTo(golden.get("gradient_first_masked").get(i).asDouble(), within(1e-8));
      }
    }
  }

  /** Lightness and contrast of a channel do not matter, as long as there is any. */
  @Test
  void otherScalesOfAChannelGiveTheSame() {
    try (Scope scope = Scope.open()) {
      Tensor images = input("hog-64-1", 1, 64);
      double[] one = HOG.targets(images).toDoubles();
      double[] other = HOG.targets(images.mul(4)).toDoubles();
      assertThat(other).containsExactly(one, within(1e-6));
    }
  }
}
