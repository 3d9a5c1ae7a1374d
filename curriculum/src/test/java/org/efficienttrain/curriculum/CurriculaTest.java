package org.efficienttrain.curriculum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CurriculaTest {

  private static List<Integer> bandwidths(Curriculum curriculum) {
    return curriculum.stages().stream().map(Stage::bandwidth).toList();
  }

  private static List<Double> magnitudes(Curriculum curriculum) {
    return curriculum.stages().stream().map(Stage::magnitude).toList();
  }

  @Test
  void findsEveryPresetByName() {
    assertThat(Curricula.names())
        .containsExactly(
            "none",
            "efficienttrain",
            "efficienttrain++",
            "efficienttrain++:deit",
            "efficienttrain++:convnext");
    for (Curriculum preset : Curricula.presets()) {
      assertThat(Curricula.of(preset.name())).isSameAs(preset);
      assertThat(Curricula.of(" " + preset.name().toUpperCase(Locale.ROOT) + " ")).isSameAs(preset);
      assertThat(preset.imageSize()).isEqualTo(224);
      assertThat(preset.isFullBandwidth()).isEqualTo(preset.name().equals("none"));
    }
  }

  @Test
  void suggestsTheNearestNameForAnUnknownOne() {
    assertThatThrownBy(() -> Curricula.of("eficienttrain+"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("did you mean \"efficienttrain\"");
    assertThatThrownBy(() -> Curricula.of("efficienttrain++:convnet"))
        .hasMessageContaining("did you mean \"efficienttrain++:convnext\"");
    assertThatThrownBy(() -> Curricula.of("")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void scalesToThePublishedProbeOnCifar() {
    assertThat(bandwidths(Curricula.EFFICIENTTRAIN.scaledTo(32, 4)))
        .containsExactly(24, 24, 24, 28, 32);
    assertThat(bandwidths(Curricula.EFFICIENTTRAIN_PLUS_PLUS.scaledTo(32, 4)))
        .containsExactly(16, 16, 24, 24, 24, 24, 32, 32, 32, 32);
  }

  @Test
  void scalingRoundsUpUnlessJustAboveAMultiple() {
    // 160 and 192 of 224 are 7.14 and 8.57 multiples at 160 pixels, 8.57 and 10.29 at 384.
    assertThat(bandwidths(Curricula.EFFICIENTTRAIN.scaledTo(160, 16)))
        .containsExactly(112, 112, 112, 144, 160);
    assertThat(bandwidths(Curricula.EFFICIENTTRAIN.scaledTo(384, 32)))
        .containsExactly(288, 288, 288, 320, 384);
    assertThat(bandwidths(Curricula.EFFICIENTTRAIN.scaledTo(128, 16)))
        .containsExactly(96, 96, 96, 112, 128);
  }

  @Test
  void scalingNeverExceedsTheSizeNorShrinksNorLeavesTheMultiple() {
    for (Curriculum preset : Curricula.presets()) {
      for (int multiple : new int[] {1, 2, 4, 7, 8, 16, 32}) {
        for (int size = multiple; size <= 512; size += multiple) {
          if (size < 2) {
            continue;
          }
          for (Scaling scaling : Scaling.values()) {
            Curriculum scaled = preset.scaledTo(size, multiple, scaling);
            assertThat(scaled.imageSize()).isEqualTo(size);
            assertThat(scaled.stages()).hasSameSizeAs(preset.stages());
            for (Stage stage : scaled.stages()) {
              assertThat(stage.bandwidth() % multiple).isZero();
              assertThat(stage.bandwidth()).isBetween(Math.max(2, multiple), size);
              // Below the image size the crop only makes even sides.
              assertThat(stage.bandwidth() == size || stage.bandwidth() % 2 == 0).isTrue();
            }
          }
        }
      }
      assertThat(preset.scaledTo(224, 32)).isEqualTo(preset);
      assertThat(preset.scaledTo(448, 32).scaledTo(224, 32)).isEqualTo(preset);
    }
    assertThatThrownBy(() -> Curricula.EFFICIENTTRAIN.scaledTo(100, 32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("100 is not a multiple of 32");
    assertThatThrownBy(() -> Curricula.EFFICIENTTRAIN.scaledTo(0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Curricula.EFFICIENTTRAIN.scaledTo(32, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void absoluteScalingKeepsPixels() {
    assertThat(bandwidths(Curricula.EFFICIENTTRAIN.scaledTo(384, 32, Scaling.ABSOLUTE)))
        .containsExactly(160, 160, 160, 192, 384);
    assertThat(bandwidths(Curricula.EFFICIENTTRAIN.scaledTo(160, 32, Scaling.ABSOLUTE)))
        .containsExactly(160, 160, 160, 160, 160);
  }

  @Test
  void aDefaultMultipleDividesTheSize() {
    assertThat(Curricula.defaultMultiple(32)).isEqualTo(4);
    assertThat(Curricula.defaultMultiple(128)).isEqualTo(16);
    assertThat(Curricula.defaultMultiple(224)).isEqualTo(32);
    for (int size = 2; size < 600; size++) {
      assertThat(size % Curricula.defaultMultiple(size)).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "epochs 160:3/5,192:1/5,224:1/5",
        "160:0.6,192:0.2,224:0.2",
        "160:60%, 192:20%, 224:20%",
        "EPOCHS 160:3,192:1,224:1",
        "  epochs  160:3/5 , 192:1/5 , 224:1/5  "
      })
  void readsSharesHoweverTheyAreWritten(String text) {
    Curriculum curriculum = Curricula.of(text);
    assertThat(curriculum.clock()).isEqualTo(Clock.EPOCHS);
    assertThat(curriculum.name()).isEqualTo(text.strip());
    assertThat(bandwidths(curriculum)).containsExactly(160, 192, 224);
    assertThat(curriculum.cumulativeShares())
        .containsExactly(new double[] {0.6, 0.8, 1}, within(1e-12));
    assertThat(magnitudes(curriculum)).containsOnly(9.0);
  }

  @Test
  void readsClockAndMagnitudes() {
    Curriculum curriculum = Curricula.of("compute 96:0.2@0,160:0.4@4.5,224:0.4");
    assertThat(curriculum.clock()).isEqualTo(Clock.COMPUTE);
    assertThat(magnitudes(curriculum)).containsExactly(0.0, 4.5, 9.0);

    Curriculum linear = Curricula.of("compute 96:0.2,160:0.4,224:0.4 magnitude 0-9");
    assertThat(bandwidths(linear)).isEqualTo(bandwidths(Curricula.EFFICIENTTRAIN_PLUS_PLUS));
    assertThat(magnitudes(linear)).containsExactly(0., 1., 2., 3., 4., 5., 6., 7., 8., 9.);
    assertThat(linear.stages()).allSatisfy(s -> assertThat(s.share()).isCloseTo(0.1, within(1e-9)));

    assertThat(Curricula.of("epochs 224:1 magnitude 0-9/300").stages()).hasSize(300);
  }

  @Test
  void cutsStagesWhereLinearMagnitudeChanges() {
    Curriculum cut = Curricula.of("160:1/2,224:1/2 magnitude 0-8/3");
    assertThat(bandwidths(cut)).containsExactly(160, 160, 224, 224);
    assertThat(magnitudes(cut)).containsExactly(0.0, 4.0, 4.0, 8.0);
    assertThat(magnitudes(Curricula.NONE.withLinearMagnitude(0, 9, 1))).containsExactly(9.0);
    assertThatThrownBy(() -> Curricula.NONE.withLinearMagnitude(0, 9, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void printsWhatItReads() {
    List<Curriculum> curricula = new ArrayList<>(Curricula.presets());
    for (int slices : new int[] {3, 300, 9999}) {
      curricula.add(Curricula.EFFICIENTTRAIN.withLinearMagnitude(0, 9, slices));
    }
    for (Curriculum curriculum : curricula) {
      Curriculum read = Curricula.of(curriculum.toText());
      assertThat(read.stages()).isEqualTo(curriculum.stages());
      assertThat(read.clock()).isEqualTo(curriculum.clock());
    }
    assertThat(Curricula.EFFICIENTTRAIN.toText())
        .isEqualTo("epochs 160:0.2@1,160:0.2@3,160:0.2@5,192:0.2@7,224:0.2@9");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "160",
        "160:",
        "160:0.5;224:0.5",
        "epochs 160",
        "epoch 160:1",
        "160:1/0",
        "160:0,224:1",
        "160:0.5,224:0.4",
        "224:0.5,160:0.5",
        "160:0.5@11,224:0.5",
        "1:0.5,224:0.5",
        "160:-1,224:2",
        "160:1/2,224:1/2 magnitude 0",
        "160:1/2,224:1/2 magnitude 0-9/0",
        "160:1/2,224:1/2 magnitude 0-99",
        "224:99999999999999999999999",
        "224:1e5"
      })
  void refusesWhatIsNoCurriculumInOneSentence(String text) {
    assertThatThrownBy(() -> Curricula.of(text))
        .isExactlyInstanceOf(CurriculumException.class)
        .message()
        .doesNotContain("\n")
        .hasSizeLessThan(300)
        .endsWith(".");
  }
}
