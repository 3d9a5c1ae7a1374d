package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.io.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PretrainedWeightsTest {
  @TempDir Path folder;

  static Stream<String> cifarModels() {
    return Backbones.names().stream().filter(n -> n.endsWith("_cifar"));
  }

  private static Backbone filled(String name, int classes, int size) {
    Backbone model = Backbones.create(name, classes, size);
    GoldenFill.fill(model);
    return model;
  }

  private Path save(Map<String, Tensor> state) {
    Path file = folder.resolve("weights.safetensors");
    Weights.write(file, state, Map.of());
    return file;
  }

  private static boolean sameState(Backbone a, Backbone b) {
    Map<String, Tensor> other = b.state();
    return a.state().entrySet().stream()
        .allMatch(e -> e.getValue().bitEquals(other.get(e.getKey())));
  }

  @ParameterizedTest
  @MethodSource("cifarModels")
  void loadsOfficialAndTimmNames(String name) {
    Backbone source = filled(name, 7, 32);
    for (Map<String, Tensor> state : List.of(source.state(), TimmNames.state(source))) {
      Backbone target = Backbones.create(name, 7, 32);
      assertThat(PretrainedWeights.load(target, save(state), false)).isEmpty();
      assertThat(sameState(source, target)).isTrue();
      target.close();
    }
    source.close();
  }

  /** Names in checkpoints of timm 1.0. */
  @ParameterizedTest
  @CsvSource({
    "ConvNeXt, downsample_layers.0.1.bias, stem.1.bias",
    "ConvNeXt, downsample_layers.2.0.weight, stages.2.downsample.0.weight",
    "ConvNeXt, stages.2.8.pwconv1.weight, stages.2.blocks.8.mlp.fc1.weight",
    "ConvNeXt, stages.0.0.dwconv.bias, stages.0.blocks.0.conv_dw.bias",
    "ConvNeXt, stages.0.0.norm.bias, stages.0.blocks.0.norm.bias",
    "ConvNeXt, norm.weight, head.norm.weight",
    "ConvNeXt, head.weight, head.fc.weight",
    "CAFormer, downsample_layers.0.post_norm.weight, stem.norm.weight",
    "CAFormer, downsample_layers.3.pre_norm.weight, stages.3.downsample.norm.weight",
    "CAFormer, downsample_layers.3.conv.bias, stages.3.downsample.conv.bias",
    "CAFormer, stages.2.0.res_scale1.scale, stages.2.blocks.0.res_scale1.scale",
    "CAFormer, norm.weight, head.norm.weight",
    "CAFormer, head.fc2.weight, head.fc.fc2.weight",
    "Swin, layers.0.downsample.reduction.weight, layers.1.downsample.reduction.weight",
    "Swin, layers.2.downsample.norm.bias, layers.3.downsample.norm.bias",
    "Swin, layers.1.blocks.0.norm1.bias, layers.1.blocks.0.norm1.bias",
    "Swin, norm.bias, norm.bias",
    "Swin, head.bias, head.fc.bias",
    "DeiT, head.bias, head.bias",
  })
  void knowsTimmsNames(String family, String ours, String timms) {
    assertThat(TimmNames.of(family, ours)).isEqualTo(timms);
  }

  @Test
  void resizesTablesAndSaysSo() {
    for (String name : List.of("deit_tiny_cifar", "swin_tiny_cifar", "pvt_tiny_cifar")) {
      Backbone source = filled(name, 7, 32);
      Backbone target = Backbones.create(name, 7, 16);
      List<String> lines = PretrainedWeights.load(target, save(source.state()), false);
      assertThat(lines).as(name).isNotEmpty().allMatch(line -> line.startsWith("resized "));
      Map<String, Tensor> state = target.state();
      long resized =
          source.state().entrySet().stream()
              .filter(e -> !Arrays.equals(e.getValue().shape(), state.get(e.getKey()).shape()))
              .count();
      assertThat(lines).hasSize((int) resized);
      source.close();
      target.close();
    }
  }

  @Test
  void leavesOutWhatAnyoneCanCompute() {
    Backbone source = filled("resnet20_cifar", 7, 32);
    Backbone target = Backbones.create("resnet20_cifar", 7, 32);
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> state = new HashMap<>(source.state());
      state.put("bn1.num_batches_tracked", Tensors.of(new long[] {5}));
      assertThat(PretrainedWeights.load(target, save(state), false)).hasSize(1);
    }
    assertThat(sameState(source, target)).isTrue();
    source.close();
    target.close();
  }

  @Test
  void replacesTheHeadOnRequestOnly() {
    Backbone source = filled("resnet20_cifar", 10, 32);
    Backbone target = Backbones.create("resnet20_cifar", 3, 32);
    Path file = save(source.state());
    assertThatThrownBy(() -> PretrainedWeights.load(target, file, false))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("fc.weight (file 10x64, model 3x64)")
        .hasMessageEndingWith(
            "it is resnet20_cifar with another head: ask for a new head to load the rest");
    assertThat(PretrainedWeights.load(target, file, true))
        .containsExactly("a new head: fc.weight, fc.bias start untrained");
    assertThat(target.state().get("conv1.weight").bitEquals(source.state().get("conv1.weight")))
        .isTrue();
    source.close();
    target.close();
  }

  @Test
  void saysWhichModelTheFileLooksLike() {
    Backbone source = filled("deit_tiny_cifar", 10, 32);
    Backbone target = Backbones.create("resnet20_cifar", 10, 32);
    Path file = save(source.state());
    assertThatThrownBy(() -> PretrainedWeights.load(target, file, true))
        .isInstanceOf(TensorException.class)
        .hasMessageEndingWith("it looks like deit_tiny_cifar: choose that model");
    source.close();
    target.close();
  }

  @Test
  void loadsTheEncoderOfAMaskedAutoencoder() {
    Mae source = MaeVariant.find("mae_vit_tiny_cifar").orElseThrow().build(32, Mae.Target.PIXELS);
    GoldenFill.fill(source);
    Path file = save(source.state());
    Backbone target = Backbones.create("deit_tiny_cifar", 7, 32);
    assertThatThrownBy(() -> PretrainedWeights.load(target, file, false))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("2 missing: head.weight, head.bias;")
        .hasMessageEndingWith(
            "it is deit_tiny_cifar without a head: ask for a new head, and train it");
    assertThat(PretrainedWeights.load(target, file, true))
        .containsExactly(
            "a new head: head.weight, head.bias start untrained",
            "the encoder of a masked autoencoder: left aside its mask_token and decoder_* (32"
                + " tensors)");
    Map<String, Tensor> encoder = source.state();
    target
        .state()
        .forEach(
            (name, t) -> {
              if (!target.headNames().contains(name)) {
                assertThat(t.bitEquals(encoder.get(name))).as(name).isTrue();
              }
            });
    Backbone small = Backbones.create("deit_tiny_cifar", 7, 16);
    assertThat(PretrainedWeights.load(small, file, true))
        .hasSize(3)
        .contains("resized pos_embed from 1x65x192 to 1x17x192");
    Backbone other = Backbones.create("resnet20_cifar", 7, 32);
    assertThatThrownBy(() -> PretrainedWeights.load(other, file, true))
        .hasMessageEndingWith("it looks like deit_tiny_cifar: choose that model");
    source.close();
    target.close();
    small.close();
    other.close();
  }

  @Test
  void loadsTheEncoderForFineTuning() {
    Mae source = MaeVariant.find("mae_vit_tiny_cifar").orElseThrow().build(32, Mae.Target.HOG);
    GoldenFill.fill(source);
    Path file = save(source.state());
    Backbone target = Backbones.create("vit_tiny_gap_cifar", 7, 32);
    assertThatThrownBy(() -> PretrainedWeights.load(target, file, false))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("4 missing: fc_norm.weight, fc_norm.bias, head.weight, head.bias;");
    assertThat(PretrainedWeights.load(target, file, true))
        .containsExactly(
            "a new head: fc_norm.weight, fc_norm.bias, head.weight, head.bias start untrained",
            "left aside the encoder's last norm: the head's own takes its place",
            "the encoder of a masked autoencoder: left aside its mask_token and decoder_* (32"
                + " tensors)");
    Map<String, Tensor> encoder = source.state();
    target
        .state()
        .forEach(
            (name, t) -> {
              if (!name.startsWith("head.") && !name.startsWith("fc_norm.")) {
                assertThat(t.bitEquals(encoder.get(name))).as(name).isTrue();
              }
            });
    // Fine-tuned weights go on with the norm that they have, whatever their classes.
    Backbone tuned = filled("vit_tiny_gap_cifar", 7, 32);
    Backbone other = Backbones.create("vit_tiny_gap_cifar", 3, 32);
    assertThat(PretrainedWeights.load(other, save(tuned.state()), true))
        .containsExactly("a new head: head.weight, head.bias start untrained");
    source.close();
    target.close();
    tuned.close();
    other.close();
  }

  @Test
  void knowsEveryModelByItsShapes() {
    for (Variant variant : Backbones.variants()) {
      Backbone model = variant.options(3, variant.imageSize()).buildShapes();
      assertThat(PretrainedWeights.looksLike(Weights.shapes(TimmNames.state(model))))
          .contains(variant.name());
      model.close();
    }
    assertThat(PretrainedWeights.looksLike(Map.of("weight", List.of(3L)))).isEmpty();
  }
}
