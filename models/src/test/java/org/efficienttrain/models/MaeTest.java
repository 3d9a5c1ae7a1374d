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
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Masked autoencoders: their sizes, their encoders, how they start; numbers of whole networks are
 * held by golden files.
 */
class MaeTest extends SmallMae {
  static Stream<MaeVariant> all() {
    return MaeVariant.all().stream();
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
            "mae_vit_base is a masked autoencoder without classes: 'et pretrain' trains it,"
                + " 'et evaluate --knn 20' measures its encoder, and 'et finetune' goes on from it"
                + " as vit_base_gap");
  }
}
