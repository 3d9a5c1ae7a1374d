package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    Path timm = folder.resolve("timm.safetensors");
    try (Scope scope = Scope.open()) {
      Weights.write(timm, source.timmState(), Map.of());
    }
    for (Path file : List.of(save(source.state()), timm)) {
      Backbone target = Backbones.create(name, 7, 32);
      assertThat(PretrainedWeights.load(target, file, false)).isEmpty();
      assertThat(sameState(source, target)).isTrue();
      target.close();
    }
    source.close();
  }

  /** Every name and shape in the state of timm 1.0's network, as listed in the test's resources. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "resnet18",
        "resnet50",
        "deit_small",
        "convnext_tiny",
        "swin_tiny",
        "caformer_s18"
      })
  void knowsTimmsNamesAndShapes(String name) throws IOException {
    Map<String, List<Long>> timms = timmShapes(name);
    Backbone model = Backbones.options(name, 1000, 224).buildShapes();
    try (Scope scope = Scope.open()) {
      timms.keySet().removeIf(model::isDerived);
      assertThat(Weights.shapes(model.timmState())).isEqualTo(timms);
    }
    assertThat(PretrainedWeights.looksLike(timmShapes(name))).contains(name);
    model.close();
  }

  /** Lines of a name and the sides of its shape. */
  private static Map<String, List<Long>> timmShapes(String name) throws IOException {
    try (InputStream in =
        PretrainedWeightsTest.class.getResourceAsStream("/timm/" + name + ".txt")) {
      Map<String, List<Long>> shapes = new HashMap<>();
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(" "))
          .forEach(
              words ->
                  shapes.put(words[0], Arrays.stream(words).skip(1).map(Long::valueOf).toList()));
      return shapes;
    }
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
      Map<String, List<Long>> shapes;
      try (Scope scope = Scope.open()) {
        shapes = Weights.shapes(model.timmState());
      }
      assertThat(PretrainedWeights.looksLike(shapes)).contains(variant.name());
      model.close();
    }
    assertThat(PretrainedWeights.looksLike(Map.of("weight", List.of(3L)))).isEmpty();
  }
}
