package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Resize;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Masked autoencoders; numbers of whole networks are held by golden files. */
class MaeTest {
  private Mae model;

  static Stream<MaeVariant> all() {
    return MaeVariant.all().stream();
  }

  @BeforeEach
  void build() {
    Generator.seed(3);
    model = MaeVariant.find("mae_vit_tiny_cifar").orElseThrow().build(32, false);
  }

  @AfterEach
  void free() {
    model.zeroGrad();
    model.close();
  }

  private static Tensor images(int n, int size) {
    return Tensors.of(GoldenFill.uniform("input", n * 3 * size * size), n, 3, size, size);
  }

  /** Counts of the official models as published, with decoder (fixed tables not counted). */
  @ParameterizedTest
  @CsvSource({
    "mae_vit_base_patch16, mae_vit_base, 111655680",
    "mae_vit_large_patch16_dec512d8b, mae_vit_large, 329239296",
    "mae_vit_huge_patch14, mae_vit_huge, 656613964",
  })
  void hasTheOfficialSizes(String alias, String name, long parameters) {
    MaeVariant variant = MaeVariant.find(alias).orElseThrow();
    assertThat(variant.name()).isEqualTo(name);
    Mae shapes = variant.buildShapes();
    assertThat(shapes.parameterCount()).isEqualTo(parameters);
    shapes.close();
  }

  @ParameterizedTest
  @MethodSource("all")
  void runsAtEverySizeThatThePatchDivides(MaeVariant variant) {
    Mae shapes = variant.buildShapes();
    long patch = variant.sizes().multiple();
    try (Scope scope = Scope.open()) {
      for (long grid : new long[] {2, 5, variant.imageSize() / patch, 16}) {
        long size = grid * patch;
        Tensor images = Tensors.zeros(DType.FLOAT32, Device.META, 2, 3, size, size);
        Mae.Output out = shapes.forward(images, Mae.MASK_RATIO);
        assertThat(out.prediction().shape()).containsExactly(2, grid * grid, 3 * patch * patch);
        assertThat(out.mask().shape()).containsExactly(2, grid * grid);
        assertThat(out.loss().dim()).isZero();
      }
    }
    shapes.close();
  }

  /** Everything of the encoder is there under the backbone's names, and the head is not. */
  @ParameterizedTest
  @MethodSource("all")
  void theEncoderIsTheBackbone(MaeVariant variant) {
    if (variant.backbone().isEmpty()) {
      return;
    }
    Mae shapes = variant.buildShapes();
    Backbone backbone =
        Backbones.options(variant.backbone().get(), 10, variant.imageSize()).buildShapes();
    Map<String, List<Long>> encoder = GoldenCheck.shapes(shapes);
    encoder.keySet().removeIf(n -> n.startsWith("decoder_") || n.equals("mask_token"));
    Map<String, List<Long>> body = GoldenCheck.shapes(backbone);
    body.keySet().removeAll(backbone.headNames());
    assertThat(encoder).isEqualTo(body);
    shapes.close();
    backbone.close();
  }

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

  /** The loss by its definition, pixel by pixel, from the prediction and the mask. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void theLossIsTheSquaredErrorOfHiddenPatches(boolean normalised) {
    Mae other = MaeVariant.find("mae_vit_tiny_cifar").orElseThrow().build(32, normalised);
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

  /** A patch keeps its place in the scene at a smaller bandwidth, as with learned tables. */
  @Test
  void tablesAreResizedAtOtherSizesAndNeverTrained() {
    Mae small = MaeVariant.find("mae_vit_tiny_cifar").orElseThrow().build(16, false);
    Map<String, Tensor> state = model.state();
    assertThat(model.namedParameters()).doesNotContainKeys("pos_embed", "decoder_pos_embed");
    try (Scope scope = Scope.open()) {
      try (NoGrad noGrad = NoGrad.open()) {
        small
            .state()
            .forEach(
                (name, t) -> {
                  Tensor from = state.get(name);
                  t.copy_(
                      name.endsWith("pos_embed")
                          ? PositionTables.resize(from, 1, 4, Resize.Kernel.BICUBIC)
                          : from);
                });
      }
      Tensor noise = Tensors.rand(2, 16);
      Mae.Output out = model.forward(images(2, 16), 0.75, noise);
      assertThat(out.loss().bitEquals(small.forward(images(2, 16), 0.75, noise).loss())).isTrue();
      out.loss().backward();
      model
          .namedParameters()
          .forEach(
              (name, t) -> {
                assertThat(t.grad()).as(name).isNotNull();
                assertThat(t.grad().allFinite()).as(name).isTrue();
                assertThat(t.grad().norm().item()).as(name).isPositive();
              });
    }
    small.close();
  }

  /** The laws of the official constructor. */
  @Test
  void startsAsTheOfficialCode() {
    Map<String, Tensor> state = model.state();
    assertLaw(state, "cls_token", 0.02, 1);
    assertLaw(state, "mask_token", 0.02, 1);
    assertLaw(state, "patch_embed.proj.weight", Math.sqrt(2.0 / (192 + 48)), Math.sqrt(3));
    assertLaw(state, "patch_embed.proj.bias", 1 / Math.sqrt(3 * 48), Math.sqrt(3));
    assertLaw(state, "blocks.3.attn.qkv.weight", Math.sqrt(2.0 / (4 * 192)), Math.sqrt(3));
    assertLaw(state, "decoder_blocks.1.mlp.fc1.weight", Math.sqrt(2.0 / (5 * 128)), Math.sqrt(3));
    assertLaw(state, "decoder_pred.weight", Math.sqrt(2.0 / (128 + 48)), Math.sqrt(3));
    try (Scope scope = Scope.open()) {
      assertThat(state.get("decoder_embed.bias").detach().abs().sum().item()).isZero();
      assertThat(state.get("blocks.0.attn.qkv.bias").detach().abs().sum().item()).isZero();
      assertThat(state.get("decoder_norm.weight").detach().eq(1).all()).isTrue();
    }
  }

  /** A deviation, and for uniform laws the largest value in units of it. */
  private static void assertLaw(Map<String, Tensor> state, String name, double std, double edge) {
    try (Scope scope = Scope.open()) {
      double[] values = state.get(name).detach().toDoubles();
      double square = Arrays.stream(values).map(v -> v * v).average().orElseThrow();
      double error = 5 * std / Math.sqrt(2.0 * values.length);
      assertThat(Math.sqrt(square)).as(name).isCloseTo(std, within(error));
      double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
      if (edge > 1) {
        assertThat(largest).as(name).isBetween(0.95 * edge * std, edge * std * (1 + 1e-6));
      } else {
        assertThat(largest).as(name).isGreaterThan(2 * std);
      }
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (Scope scope = Scope.open()) {
      assertThatThrownBy(() -> model.forward(images(1, 32), 0.99))
          .isInstanceOf(TensorException.class)
          .hasMessage(
              "a mask ratio of 0.99 of 64 patches does not leave some hidden and some visible");
      assertThatThrownBy(() -> model.forward(images(1, 32), Double.NaN))
          .hasMessageContaining("mask ratio");
      assertThatThrownBy(() -> model.forward(images(2, 32), 0.75, Tensors.rand(2, 63)))
          .hasMessage("the noise that orders the patches has to be (2, 64), not [2, 63]");
      assertThatThrownBy(() -> model.forward(images(1, 30), 0.75))
          .hasMessageEndingWith("not 30: the nearest are 28 and 32");
      assertThatThrownBy(() -> model.forward(Tensors.zeros(3, 32, 32), 0.75))
          .hasMessageContaining("square images");
    }
    assertThatThrownBy(() -> Backbones.variant("mae_vit_base_patch16"))
        .isInstanceOf(TensorException.class)
        .hasMessage(
            "mae_vit_base is a masked autoencoder without classes, and pre-training one is not a"
                + " command yet: choose deit_base, into which --weights loads the encoder of one");
  }
}
