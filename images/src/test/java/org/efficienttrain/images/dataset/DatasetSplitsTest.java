package org.efficienttrain.images.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.Progress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetSplitsTest {
  @TempDir Path root;

  private void write(String name) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, name);
  }

  private DatasetSplits split(double fraction, long seed) {
    return Datasets.openSplits(root.toString(), fraction, seed, Progress.NONE);
  }

  private static Set<String> names(ImageDataset dataset) {
    Set<String> names = new TreeSet<>();
    for (int i = 0; i < dataset.size(); i++) {
      names.add(dataset.name(i));
    }
    return names;
  }

  @ParameterizedTest
  @ValueSource(strings = {"val", "valid", "validation", "test", "Val"})
  void aPairOfFoldersIsFound(String validation) throws IOException {
    write("train/cat/1.jpg");
    write("train/dog/1.jpg");
    write(validation + "/dog/2.jpg");
    DatasetSplits splits = split(0.1, 0);
    assertThat(names(splits.train())).containsExactly("cat/1.jpg", "dog/1.jpg");
    assertThat(names(splits.validation())).containsExactly("dog/2.jpg");
    assertThat(splits.validation().classes()).containsExactly("cat", "dog");
    assertThat(splits.validation().label(0)).isEqualTo(1);
    assertThat(splits.validation().read(0)).asString().isEqualTo(validation + "/dog/2.jpg");
  }

  @Test
  void aValidationClassThatTrainingLacksIsOneSentence() throws IOException {
    write("train/cat/1.jpg");
    write("val/dog/2.jpg");
    assertThatThrownBy(() -> split(0.1, 0))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("has the class dog, which the training images do not have");
  }

  @Test
  void aTrainingFolderAloneIsDivided() throws IOException {
    for (int i = 0; i < 50; i++) {
      write("train/cat/" + i + ".jpg");
    }
    DatasetSplits splits = split(0.3, 0);
    assertThat(splits.train().size() + splits.validation().size()).isEqualTo(50);
  }

  @Test
  void aSingleFolderIsDividedByAHashOfTheNames() throws IOException {
    for (int i = 0; i < 400; i++) {
      write((i % 2 == 0 ? "cat/" : "dog/") + i + ".jpg");
    }
    DatasetSplits splits = split(0.2, 7);
    Set<String> validation = names(splits.validation());
    assertThat(validation.size()).isBetween(56, 104);
    assertThat(names(splits.train()))
        .hasSize(400 - validation.size())
        .doesNotContainAnyElementsOf(validation);
    assertThat(names(split(0.2, 7).validation())).isEqualTo(validation);
    assertThat(names(split(0.2, 8).validation())).isNotEqualTo(validation);

    // A file keeps its side when others come, and a larger share only takes more.
    write("cat/0000.jpg");
    Set<String> later = names(split(0.2, 7).validation());
    later.remove("cat/0000.jpg");
    assertThat(later).isEqualTo(validation);
    assertThat(names(split(0.4, 7).validation())).containsAll(validation);
  }

  @Test
  void neitherSideIsEmpty() throws IOException {
    write("cat/1.jpg");
    write("dog/1.jpg");
    for (double fraction : new double[] {1e-9, 0.5, 1 - 1e-9}) {
      DatasetSplits splits = split(fraction, 3);
      assertThat(splits.train().size()).isEqualTo(1);
      assertThat(splits.validation().size()).isEqualTo(1);
    }
    assertThatThrownBy(() -> split(0, 3)).hasMessageContaining("between 0 and 1");
    Files.delete(root.resolve("dog/1.jpg"));
    Files.delete(root.resolve("dog"));
    assertThatThrownBy(() -> split(0.5, 3)).hasMessageContaining("one image cannot be split");
  }
}
