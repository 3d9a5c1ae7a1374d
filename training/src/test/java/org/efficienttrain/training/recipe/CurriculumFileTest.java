package org.efficienttrain.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.training.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CurriculumFileTest {
  private static final String STAGES =
      "stages: [{bandwidth: 160, share: 0.6, magnitude: 1}, {bandwidth: 224, share: 0.4, replay: 2}]";

  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("mine.yaml"), text);
  }

  @Test
  void everyPresetComesBackFromItsFile() throws IOException {
    for (Curriculum preset : Curricula.presets()) {
      for (Curriculum curriculum :
          new Curriculum[] {preset, preset.scaledTo(32, 4), preset.withReplay(3)}) {
        Path written =
            file(CurriculumFile.write(curriculum, Map.of("algorithm", "greedy", "seeds", 3)));
        Curriculum read = CurriculumFile.read(written);
        assertThat(read.stages()).isEqualTo(curriculum.stages());
        assertThat(read.clock()).isEqualTo(curriculum.clock());
        assertThat(read.name()).isEqualTo("mine");
      }
    }
  }

  @Test
  void aRecipeKeepsWhatTheFileSaysAndNotItsName() throws IOException {
    Path written = file("clock: compute\nimageSize: 224\n" + STAGES);
    RecipeSettings settings = RecipeSettings.none().with("curriculum", written.toString());
    Files.delete(written);
    assertThat(settings.values()).containsEntry("curriculum", "compute 160:0.6@1,224:0.4@9x2");
  }

  @Test
  void aRecipeNamesTheFileFromWhereItLies() throws IOException {
    file("imageSize: 224\n" + STAGES);
    Files.writeString(
        folder.resolve("recipe.yaml"),
        "model: resnet18\nvariants:\n  found:\n    curriculum: mine.yaml\n");
    assertThat(new RecipeFolder(folder).read("recipe_found").values())
        .containsEntry("curriculum", "epochs 160:0.6@1,224:0.4@9x2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          imageSize: 256|stage 2, the last, has bandwidth 224, but the last must be full, which is the imageSize 256
          clock: hours; imageSize: 224|clock must be epochs or compute, not 'hours'
          clock: compute|has no imageSize
          imagesize: 224|there is no key 'imagesize'; did you mean 'imageSize'?
          imageSize: 224; stages: []|stages must be a list of 1 to 1000
          imageSize: 224; stages: 160|stages must be a list
          imageSize: 224; stages: [160]|stage 1 must be keys and values
          imageSize: 224; stages: [{share: 1}]|stage 1 has no bandwidth
          imageSize: 224; stages: [{bandwidth: 1.5, share: 1}]|stage 1: bandwidth must be a whole number, not '1.5'
          imageSize: 224; stages: [{bandwidth: 224, share: much}]|stage 1: share must be a number, not 'much'
          imageSize: 224; stages: [{bandwidth: 224, share: 2}]|stage 1: A stage's share
          imageSize: 224; stages: [{bandwidth: 224, share: 1, magnitude: 11}]|stage 1: A RandAugment magnitude
          imageSize: 224; stages: [{bandwidth: 224, share: 1, replay: 99}]|stage 1: A stage shows
          imageSize: 224; stages: [{bandwidth: 224, share: 1, magnitud: 1}]|stage 1: there is no key 'magnitud'; did you mean 'magnitude'?
          imageSize: 224; stages: [{bandwidth: 224, share: 0.5}]|sum to 0.5000: they must sum to 1
          imageSize: 160; stages: [{bandwidth: 224, share: 0.5}, {bandwidth: 160, share: 0.5}]|shrinks from bandwidth 224 to 160 at stage 2
          imageSize: 224; imageSize: 224|is not 'key: value' in YAML
          - a|is not 'key: value' in YAML
          """)
  void mistakesGetOneSentenceWithTheirPlace(String text, String expected) throws IOException {
    boolean own = text.contains("stages") || text.startsWith("-");
    Path written = file(text.replace("; ", "\n") + "\n" + (own ? "" : STAGES + "\n"));
    assertThatThrownBy(() -> CurriculumFile.read(written))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(expected)
        .hasMessageContaining("mine.yaml")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @Test
  void filesThatAreNotThereOrTooLargeAreRefused() throws IOException {
    assertThatThrownBy(() -> CurriculumFile.named("nowhere.yaml"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("nowhere.yaml")
        .hasMessageContaining("no such file");
    Path empty = file("");
    assertThatThrownBy(() -> CurriculumFile.read(empty)).hasMessageContaining("is empty");
    Path large = file("# " + "x".repeat(300_000));
    assertThatThrownBy(() -> CurriculumFile.read(large)).hasMessageContaining("too large");
    String deep = "imageSize: " + "[".repeat(5000);
    Path nested = file(deep);
    assertThatThrownBy(() -> CurriculumFile.read(nested)).isInstanceOf(UserError.class);
  }
}
