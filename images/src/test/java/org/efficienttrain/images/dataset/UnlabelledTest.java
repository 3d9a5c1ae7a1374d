package org.efficienttrain.images.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.dataset.Datasets.Labels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images to learn from without labels. */
class UnlabelledTest {
  @TempDir Path root;
  @TempDir Path cache;

  @BeforeEach
  void useOwnCache() {
    System.setProperty("efficienttrain.cache", cache.toString());
  }

  @AfterEach
  void useCommonCache() {
    System.clearProperty("efficienttrain.cache");
  }

  private void write(String... names) throws IOException {
    for (String name : names) {
      Path file = root.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, name);
    }
  }

  private static ImageDataset open(Path path) {
    List<Datasets.Part> parts = Datasets.open(path.toString(), Labels.OPTIONAL, Progress.NONE);
    assertThat(parts).hasSize(1);
    return parts.get(0).dataset();
  }

  private static void assertUnlabelled(ImageDataset dataset, String... names) {
    assertThat(dataset.classes()).isEmpty();
    assertThat(IntStream.range(0, dataset.size()).mapToObj(dataset::name)).containsExactly(names);
    assertThat(IntStream.range(0, dataset.size()).map(dataset::label)).containsOnly(-1);
  }

  @Test
  void imagesLieAnywhereInAFolder() throws IOException {
    write("2.jpg", "a/b/c/1.png", "a/3.jpg", "notes.txt", ".hidden/4.jpg", "empty/x.txt");
    assertUnlabelled(open(root), "2.jpg", "a/3.jpg", "a/b/c/1.png");
    assertThat(open(root).read(1)).asString().isEqualTo("a/3.jpg");
  }

  @Test
  void oneFolderAndPartsWithoutTrainingAreNoClasses() throws IOException {
    write("photos/1.jpg", "photos/2.jpg");
    assertUnlabelled(open(root), "photos/1.jpg", "photos/2.jpg");
    write("test/1.jpg", "val/1.jpg");
    assertUnlabelled(open(root), "photos/1.jpg", "photos/2.jpg", "test/1.jpg", "val/1.jpg");
  }

  @Test
  void anEmptyClassFolderIsNoError() throws IOException {
    write("cat/1.jpg", "dog/notes.txt");
    assertUnlabelled(open(root), "cat/1.jpg");
  }

  @Test
  void archivesNeedNoLabels() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    files.put("1.jpg", DatasetForms.image(1));
    files.put("x/2.jpg", DatasetForms.image(2));
    Path tar = DatasetForms.writeTar(root.resolve("loose.tar"), files);
    assertUnlabelled(open(tar), "1.jpg", "x/2.jpg");
    assertUnlabelled(open(tar), "1.jpg", "x/2.jpg"); // from the cached list
    assertThat(open(tar).read(1)).isEqualTo(DatasetForms.image(2));
    assertThatThrownBy(() -> Datasets.open(tar.toString(), Progress.NONE))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("./et pretrain");
  }

  @Test
  void aPackKeepsThatThereAreNoLabels() throws IOException {
    write("2.jpg", "a/3.jpg");
    Path pack = cache.resolve("photos.etpack");
    PackWriter.write(open(root), pack, UnaryOperator.identity(), Progress.NONE);
    assertUnlabelled(open(pack), "2.jpg", "a/3.jpg");
  }

  @Test
  void aValidationPartWithOtherClassesTakesTheLabelsOfBoth() throws IOException {
    write("train/cat/1.jpg", "train/dog/1.jpg", "val/1.jpg");
    try (DatasetSplits splits =
        Datasets.openSplits(root.toString(), Labels.OPTIONAL, 0.1, 0, Progress.NONE)) {
      assertUnlabelled(splits.train(), "cat/1.jpg", "dog/1.jpg");
      assertUnlabelled(splits.validation(), "1.jpg");
    }
    write("val/cat/1.jpg", "val/dog/1.jpg");
    Files.delete(root.resolve("val/1.jpg"));
    try (DatasetSplits splits =
        Datasets.openSplits(root.toString(), Labels.OPTIONAL, 0.1, 0, Progress.NONE)) {
      assertThat(splits.validation().classes()).containsExactly("cat", "dog");
    }
  }

  @Test
  void aSingleUnlabelledPartIsDivided() throws IOException {
    for (int i = 0; i < 40; i++) {
      write(i + ".jpg");
    }
    try (DatasetSplits splits =
        Datasets.openSplits(root.toString(), Labels.OPTIONAL, 0.2, 0, Progress.NONE)) {
      assertThat(splits.train().size() + splits.validation().size()).isEqualTo(40);
      assertThat(splits.train().label(0)).isEqualTo(-1);
      assertThat(splits.validation().classes()).isEmpty();
    }
  }
}
