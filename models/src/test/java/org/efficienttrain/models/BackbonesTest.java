package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackbonesTest {
  @ParameterizedTest
  @CsvSource({
    "deit_small, deit_small",
    "vit_tiny_patch16_224, deit_tiny",
    "deit_small_patch16_224.fb_in1k, deit_small",
    "vit_base_patch16_384.augreg_in21k_ft_in1k, deit_base",
    "ConvNeXt_Tiny.fb_in22k, convnext_tiny",
    "resnet50.a1_in1k, resnet50",
    "resnet20_cifar, resnet20_cifar",
  })
  void findsModelsByTheirNamesElsewhere(String given, String found) {
    assertThat(Backbones.variant(given).name()).isEqualTo(found);
  }

  @Test
  void suggestsTheNearestName() {
    assertThatThrownBy(() -> Backbones.create("convnext_tiyn", 10, 224))
        .isInstanceOf(TensorException.class)
        .hasMessage(
            "there is no model 'convnext_tiyn'; the nearest name is 'convnext_tiny'"
                + " ('et models' lists all)");
  }

  @Test
  void saysWhichSizesFit() {
    assertThatThrownBy(() -> Backbones.create("deit_tiny", 10, 100))
        .isInstanceOf(TensorException.class)
        .hasMessage(
            "deit_tiny takes image sizes that are multiples of 16, not 100: the nearest are 96 and"
                + " 112");
    assertThatThrownBy(() -> Backbones.create("convnext_tiny", 10, 20))
        .hasMessageEndingWith("not 20: the smallest is 32");
    Backbone model = Backbones.create("deit_tiny_cifar", 10, 32);
    assertThatThrownBy(() -> model.forward(Tensors.zeros(1, 3, 30, 30)))
        .hasMessageEndingWith("not 30: the nearest are 28 and 32");
    assertThatThrownBy(() -> model.forward(Tensors.zeros(1, 3, 32, 28)))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("square");
    model.close();
  }

  @Test
  void refusesRatesOutsideTheirRange() {
    BackboneOptions options = Backbones.options("resnet50", 10, 224);
    assertThatThrownBy(() -> options.withDropPath(1)).hasMessageContaining("drop path");
    assertThatThrownBy(() -> options.withHeadDropout(-0.1)).hasMessageContaining("head dropout");
    assertThatThrownBy(() -> Backbones.options("resnet50", 0, 224)).hasMessageContaining("class");
  }

  /** The layers that official fine-tuning codes cut a network into. */
  @ParameterizedTest
  @CsvSource({
    "deit_tiny, 14, pos_embed, 0",
    "deit_tiny, 14, blocks.10.attn.qkv.weight, 11",
    "deit_tiny, 14, head.bias, 13",
    "convnext_small, 14, downsample_layers.1.0.weight, 2",
    "convnext_small, 14, stages.0.2.gamma, 1",
    "convnext_small, 14, stages.2.26.gamma, 11",
    "convnext_small, 14, stages.3.0.gamma, 12",
    "convnext_small, 14, norm.weight, 13",
    "resnet50, 18, layer4.2.bn3.weight, 16",
  })
  void cutsIntoLayers(String name, int count, String parameter, int layer) {
    Backbone model = Backbones.options(name, 10, 224).buildShapes();
    assertThat(model.layerCount()).isEqualTo(count);
    assertThat(model.layerIndex(parameter)).isEqualTo(layer);
    model.close();
  }
}
