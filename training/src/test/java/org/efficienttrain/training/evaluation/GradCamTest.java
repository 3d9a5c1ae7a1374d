package org.efficienttrain.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.GoldenFill;
import org.efficienttrain.models.Variant;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One network of every family, filled by the golden rule. */
class GradCamTest {
  private static final int CLASSES = 5;
  private static final int SIDE = 32;

  static Stream<Variant> families() {
    return Backbones.variants().stream()
        .filter(v -> v.imageSize() == SIDE)
        .collect(Collectors.toMap(Variant::family, v -> v, (a, b) -> a, TreeMap::new))
        .values()
        .stream();
  }

  static Stream<Variant> localFamilies() {
    return families().filter(v -> !v.family().equals("CAFormer"));
  }

  @Test
  void everyFamilyIsHere() {
    Set<String> all =
        Backbones.variants().stream().map(Variant::family).collect(Collectors.toSet());
    assertThat(families().map(Variant::family)).containsExactlyInAnyOrderElementsOf(all);
  }

  private static Backbone build(Variant variant) {
    Backbone network = variant.options(CLASSES, SIDE).build();
    GoldenFill.fill(network);
    network.eval();
    network.namedParameters().values().forEach(p -> p.requiresGrad_(false));
    return network;
  }

  private static Tensor images(int n) {
    return Tensors.of(GoldenFill.uniform("input", n * 3 * SIDE * SIDE), n, 3, SIDE, SIDE);
  }

  @ParameterizedTest
  @MethodSource("families")
  void theMapHasTheImagesLogitsAndShares(Variant variant) {
    Backbone network = build(variant);
    try (Scope scope = Scope.open()) {
      Tensor images = images(3);
      GradCam.Result found = new GradCam(network).of(images);
      assertThat(found.logits().toFloats()).isEqualTo(network.forward(images).toFloats());
      assertThat(found.maps().dim()).isEqualTo(3);
      assertThat(found.maps().size(1)).isBetween(2L, 16L).isEqualTo(found.maps().size(2));
      float largest = 0;
      for (float share : found.maps().toFloats()) {
        assertThat(share).isBetween(0f, 1f);
        largest = Math.max(largest, share);
      }
      assertThat(largest).isEqualTo(1f);
    }
    network.close();
  }

  /**
   * What changes in the upper right of an image changes the upper right of the map more. Not so in
   * CAFormer with weights by chance: attention over all places leaves nothing local to be found.
   */
  @ParameterizedTest
  @MethodSource("localFamilies")
  void placesLieWhereTheyLieInTheImage(Variant variant) {
    Backbone network = build(variant);
    try (Scope scope = Scope.open()) {
      Tensor images = images(8);
      Tensor changed = images.copy();
      changed.narrow(2, 0, SIDE / 2).narrow(3, SIDE / 2, SIDE / 2).add_(1);
      Tensor before = network.places(network.forwardMap(images));
      Tensor after = network.places(network.forwardMap(changed));
      Tensor difference = after.sub(before);
      // Global attention changes every place alike; what counts is what a place has besides.
      Tensor local = difference.sub(difference.mean(new long[] {1, 2}, true));
      Tensor change = local.square().sum(new long[] {0, 3}, false);
      long half = change.size(0) / 2;
      double upperRight = change.narrow(0, 0, half).narrow(1, half, half).sum().item();
      for (long[] other : new long[][] {{0, 0}, {half, 0}, {half, half}}) {
        double there = change.narrow(0, other[0], half).narrow(1, other[1], half).sum().item();
        assertThat(upperRight).as(variant.name()).isGreaterThan(there);
      }
    }
    network.close();
  }

  /** Behind a mean and a linear layer, the weight of a channel is that of the layer. */
  @Test
  void isTheClassActivationMapOfAResNet() {
    Backbone network = build(Backbones.variant("resnet20_cifar"));
    try (Scope scope = Scope.open()) {
      Tensor images = images(2);
      GradCam.Result found = new GradCam(network).of(images);
      Tensor map = network.forwardMap(images);
      Tensor weights = network.namedParameters().get("fc.weight");
      for (int i = 0; i < 2; i++) {
        long best = found.logits().narrow(0, i, 1).argmax(1).toLongs()[0];
        Tensor channels = weights.narrow(0, best, 1).reshape(-1, 1, 1);
        Tensor cam = map.select(0, i).mul(channels).sum(new long[] {0}, false).relu();
        float[] expected = cam.div(cam.amax(new long[] {0, 1}, true)).toFloats();
        float[] maps = found.maps().select(0, i).contiguous().toFloats();
        for (int p = 0; p < expected.length; p++) {
          assertThat((double) maps[p]).isCloseTo(expected[p], within(1e-5));
        }
      }
    }
    network.close();
  }
}
