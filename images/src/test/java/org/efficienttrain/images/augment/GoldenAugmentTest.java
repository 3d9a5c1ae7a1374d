package org.efficienttrain.images.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.efficienttrain.images.pixel.Golden.shareWithin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.pixel.Golden;
import org.efficienttrain.images.pixel.Interpolation;
import org.efficienttrain.images.pixel.Region;
import org.efficienttrain.images.pixel.Resampler;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Against timm 0.4.12 and Pillow 9.4. The tolerances asked for are wider (1 level for resizing and
 * colours, a mean of 1 level for geometry); what is reached is equality, and that is what is held.
 */
class GoldenAugmentTest {
  private static final Map<String, RandAugmentOp> NAMES =
      Map.ofEntries(
          Map.entry("AutoContrast", RandAugmentOp.AUTO_CONTRAST),
          Map.entry("Equalize", RandAugmentOp.EQUALIZE),
          Map.entry("Invert", RandAugmentOp.INVERT),
          Map.entry("Rotate", RandAugmentOp.ROTATE),
          Map.entry("PosterizeIncreasing", RandAugmentOp.POSTERIZE),
          Map.entry("SolarizeIncreasing", RandAugmentOp.SOLARIZE),
          Map.entry("SolarizeAdd", RandAugmentOp.SOLARIZE_ADD),
          Map.entry("ColorIncreasing", RandAugmentOp.COLOUR),
          Map.entry("ContrastIncreasing", RandAugmentOp.CONTRAST),
          Map.entry("BrightnessIncreasing", RandAugmentOp.BRIGHTNESS),
          Map.entry("SharpnessIncreasing", RandAugmentOp.SHARPNESS),
          Map.entry("ShearX", RandAugmentOp.SHEAR_X),
          Map.entry("ShearY", RandAugmentOp.SHEAR_Y),
          Map.entry("TranslateXRel", RandAugmentOp.TRANSLATE_X),
          Map.entry("TranslateYRel", RandAugmentOp.TRANSLATE_Y));

  private static Stream<Arguments> cases(String kind) {
    JsonNode list = Golden.json("augment/cases.json").get(kind);
    return StreamSupport.stream(list.spliterator(), false)
        .map(node -> Arguments.of(node.get("output").asText(), node));
  }

  static Stream<Arguments> augment() {
    return cases("augment");
  }

  static Stream<Arguments> resize() {
    return cases("resize");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("augment")
  void operationEqualsTimm(String output, JsonNode node) {
    RandAugmentOp op = NAMES.get(node.get("op").asText());
    Image input = Golden.png("augment/" + node.get("input").asText());
    double level = node.get("magnitude").asInt() * node.get("sign").asInt();

    Image actual = op.apply(input, level, RandAugment.IMAGENET_MEAN);

    assertThat(shareWithin(actual, Golden.png("augment/" + output), 0)).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("resize")
  void cropThenResizeEqualsPillow(String output, JsonNode node) {
    Image input = Golden.png("augment/" + node.get("input").asText());
    Region region =
        new Region(
            node.get("x").asInt(),
            node.get("y").asInt(),
            node.get("width").asInt(),
            node.get("height").asInt());
    int side = node.get("size").asInt();
    Interpolation filter =
        Interpolation.valueOf(node.get("interpolation").asText().toUpperCase(Locale.ROOT));

    Image actual = Resampler.resize(input, region, side, side, filter, false);

    assertThat(shareWithin(actual, Golden.png("augment/" + output), 0)).isEqualTo(1);
  }
}
