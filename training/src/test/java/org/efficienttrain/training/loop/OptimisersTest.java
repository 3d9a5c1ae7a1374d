package org.efficienttrain.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.stream.Collectors;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.tensor.DefaultDevice;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.optim.Parameter;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.recipe.RecipeSettings;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimisersTest {
  /** Layer-wise rates and weight decay against the official fine-tuning of masked autoencoders. */
  @ParameterizedTest
  @ValueSource(doubles = {0.65, 0.75})
  void lowerLayersLearnSlowerAsInTheOfficialCode(double decay) throws IOException {
    JsonNode golden;
    try (InputStream in =
        OptimisersTest.class.getResourceAsStream("/golden/ops/mae_finetune.json")) {
      golden = new ObjectMapper().readTree(in).get("layer_decay");
    }
    Recipe recipe =
        RecipeSettings.none()
            .with("model", "vit_base_gap")
            .with("imageSize", 224)
            .with("optimizer", "adamw")
            .with("weightDecay", 0.05)
            .with("layerDecay", decay)
            .resolve(4096);
    try (DefaultDevice meta = DefaultDevice.open(Device.META)) {
      Backbone network = Backbones.options("vit_base_gap", 1000, 224).build();
      Map<String, Parameter> ours =
          Optimisers.parameters(recipe, network, network.namedParameters()).stream()
              .collect(Collectors.toMap(Parameter::name, p -> p));
      JsonNode scales = golden.get("vit_b_" + decay);
      assertThat(scales.size()).isEqualTo(network.layerCount());
      ours.forEach(
          (name, p) ->
              assertThat(p.learningRateScale())
                  .as(name)
                  .isCloseTo(scales.get(network.layerIndex(name)).asDouble(), within(1e-9)));
      for (int i = 0; i < 12; i++) {
        assertThat(network.layerIndex("blocks." + i + ".attn.qkv.weight")).isEqualTo(i + 1);
      }
      if (decay == 0.65) {
        golden
            .get("lr_scale_and_weight_decay")
            .properties()
            .forEach(
                e -> {
                  // The official figures are of a model whose blocks are one norm each.
                  Parameter p =
                      ours.get(e.getKey().replaceFirst("(blocks\\.\\d+)\\.0\\.", "$1.norm1."));
                  assertThat(p.learningRateScale())
                      .as(e.getKey())
                      .isCloseTo(e.getValue().get(0).asDouble(), within(1e-9));
                  assertThat(p.weightDecay())
                      .as(e.getKey())
                      .isEqualTo(e.getValue().get(1).asDouble());
                });
      }
      network.close();
    }
  }
}
