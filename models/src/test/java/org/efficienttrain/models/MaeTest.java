package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.DefaultDevice;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.NoGrad;
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
    model = MaeVariant.find("mae_vit_tiny_cifar").orElseThrow().build(32, Mae.Target.RAW);
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
    assertThat(body(variant.backbone().get(), variant)).isEqualTo(encoder(variant));
  }

  /** For fine-tuning the last norm moves behind the mean over the patches. */
  @ParameterizedTest
  @MethodSource("all")
  void thePooledBackboneHasTheEncodersBlocks(MaeVariant variant) {
    assertThat(variant.pooled().isPresent()).isEqualTo(variant.backbone().isPresent());
    if (variant.pooled().isEmpty()) {
      return;
    }
    Map<String, List<Long>> encoder = encoder(variant);
    List<Long> norm = encoder.remove("norm.weight");
    encoder.remove("norm.bias");
    Map<String, List<Long>> body = body(variant.pooled().get(), variant);
    assertThat(body.remove("fc_norm.weight")).isEqualTo(norm);
    assertThat(body.remove("fc_norm.bias")).isEqualTo(norm);
    assertThat(body).isEqualTo(encoder);
  }

  private static Map<String, List<Long>> encoder(MaeVariant variant) {
    Mae shapes = variant.buildShapes();
    Map<String, List<Long>> encoder = GoldenCheck.shapes(shapes);
    encoder.keySet().removeIf(n -> n.startsWith("decoder_") || n.equals("mask_token"));
    shapes.close();
    return encoder;
  }

  private static Map<String, List<Long>> body(String backbone, MaeVariant variant) {
    Backbone shapes = Backbones.options(backbone, 10, variant.imageSize()).buildShapes();
    Map<String, List<Long>> body = GoldenCheck.shapes(shapes);
    body.keySet().removeAll(shapes.headNames());
    shapes.close();
    return body;
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

  /**
   * A patch keeps its place in the scene: at every smaller grid its waves are those of the final
   * table, as far as a wave can have moved between the two places; and no place is left out.
   */
  @Test
  void wavesAreContinuousInThePlace() {
    int width = 64;
    try (Scope scope = Scope.open()) {
      double[] table = PositionTables.sinCos(width, 14, 14).toDoubles();
      for (int grid = 2; grid <= 28; grid++) {
        double[] other = PositionTables.sinCos(width, 14, grid).toDoubles();
        for (int patch = 0; patch < grid * grid; patch++) {
          int row = patch / grid;
          double y = (row + 0.5) * 14 / grid - 0.5;
          double x = (patch % grid + 0.5) * 14 / grid - 0.5;
          int line = (int) Math.min(13, Math.max(0, Math.round(y)));
          int column = (int) Math.min(13, Math.max(0, Math.round(x)));
          for (int k = 0; k < width; k++) {
            double way = k < width / 2 ? Math.abs(x - column) : Math.abs(y - line);
            double frequency = frequency(k, width);
            double moved =
                Math.abs(other[patch * width + k] - table[(14 * line + column) * width + k]);
            assertThat(moved).isLessThanOrEqualTo(way * frequency + 1e-6);
          }
        }
      }
      assertThat(PositionTables.sinCos(width, 14, 14).bitEquals(officialTable(14, width))).isTrue();
    }
  }

  /** The official table, place by place. */
  private static Tensor officialTable(int grid, int width) {
    float[] out = new float[grid * grid * width];
    for (int i = 0; i < out.length; i++) {
      int k = i % width;
      int patch = i / width;
      int place = k < width / 2 ? patch % grid : patch / grid;
      double phase = place * frequency(k, width);
      out[i] = (float) (k / (width / 4) % 2 == 0 ? Math.sin(phase) : Math.cos(phase));
    }
    return Tensors.of(out, 1, (long) grid * grid, width);
  }

  private static double frequency(int channel, int width) {
    int quarter = width / 4;
    return Math.pow(10_000, -(double) (channel % quarter) / quarter);
  }

  /** At a smaller size the network is that of the small size, but for the places. */
  @Test
  void tablesAreSampledAtOtherSizesAndNeverTrained() {
    Mae small = MaeVariant.find("mae_vit_tiny_cifar").orElseThrow().build(16, Mae.Target.RAW);
    Map<String, Tensor> state = model.state();
    assertThat(model.namedParameters()).doesNotContainKeys("pos_embed", "decoder_pos_embed");
    try (Scope scope = Scope.open()) {
      try (NoGrad noGrad = NoGrad.open()) {
        small
            .state()
            .forEach(
                (name, t) -> {
                  if (name.endsWith("pos_embed")) {
                    t.narrow(1, 1, 16).copy_(PositionTables.sinCos(t.size(2), 8, 4));
                  } else {
                    t.copy_(state.get(name));
                  }
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

  /** The encoder alone is the backbone of its shape, class token and all. */
  @Test
  void featuresAreThoseOfTheBackbone() {
    Backbone backbone = Backbones.create("deit_tiny_cifar", 10, 32);
    try (Scope scope = Scope.open();
        NoGrad noGrad = NoGrad.open()) {
      backbone
          .state()
          .forEach(
              (name, t) -> {
                if (!backbone.headNames().contains(name)) {
                  t.copy_(model.state().get(name));
                }
              });
      backbone.eval();
      Tensor wanted = backbone.forwardFeatures(images(2, 32));
      Tensor found = model.features(images(2, 32));
      assertThat(found.shape()).containsExactly(2, 192);
      assertThat(found.sub(wanted).norm().item()).isLessThan(1e-5 * wanted.norm().item());
    }
    backbone.close();
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
            "mae_vit_base is a masked autoencoder without classes: 'et pretrain' trains it, and"
                + " 'et finetune' goes on from its encoder as vit_base_gap");
  }
}
