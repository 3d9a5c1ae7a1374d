package org.efficienttrain.images.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.augment.AugmentationSpec;
import org.efficienttrain.images.augment.SampleTransforms;
import org.efficienttrain.images.loader.Batch;
import org.efficienttrain.images.loader.BatchLoader;
import org.efficienttrain.images.loader.BatchShape;
import org.efficienttrain.images.loader.BatchStream;
import org.efficienttrain.images.loader.LoaderSettings;
import org.efficienttrain.images.pixel.ImageEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A list of files as a prediction reads it. */
class FileListTest {
  private static final AugmentationSpec SPEC = AugmentationSpec.imagenet(32);

  @TempDir Path folder;

  @Test
  void filesAreLoadedInOrderAndBrokenOnesReported() throws Exception {
    Path red = write("red.png", 200);
    Path text = Files.writeString(folder.resolve("text.jpg"), "not an image");
    Path missing = folder.resolve("missing.jpg");
    Path dark = write("dark.png", 20);
    List<Path> files = List.of(red, text, missing, dark);
    ImageDataset dataset = Datasets.files(files);
    assertThat(dataset.classes()).isEmpty();
    assertThat(dataset.label(0)).isEqualTo(-1);
    assertThat(dataset.name(3)).isEqualTo(dark.toString());
    LoaderSettings settings =
        LoaderSettings.forEvaluation().withWorkers(2).withMaxBrokenFraction(1);
    try (BatchLoader loader =
            new BatchLoader(dataset, SampleTransforms.evaluation(SPEC), settings);
        BatchStream stream = loader.stream(new BatchShape(4, new SampleExposure(32, 0)));
        Batch batch = stream.next()) {
      assertThat(batch.indices()).containsExactly(0, 3);
      assertThat(batch.labels()).containsExactly(-1, -1);
      byte[] first = new byte[32 * 32 * 3];
      batch.pixels().get(first);
      Image alone = SampleTransforms.evaluate(SPEC, Files.readAllBytes(red), 32);
      assertThat(first).isEqualTo(alone.pixels());
      assertThat(loader.brokenFiles().list())
          .extracting(file -> file.name() + ": " + file.reason().words())
          .containsExactly(text + ": not an image", missing + ": cannot be read");
      assertThat(loader.brokenFiles().list().get(1).message())
          .isEqualTo("the file cannot be read (it does not exist)");
    }
  }

  @Test
  void imagesBelowAFolderAreFoundInOrderAndNothingElse() throws Exception {
    Files.createDirectories(folder.resolve("b/c"));
    Files.createDirectories(folder.resolve(".hidden"));
    for (String name : List.of("z.png", "b/c/2.jpg", "b/1.webp", "b/notes.txt", ".hidden/a.png")) {
      Files.writeString(folder.resolve(name), "");
    }
    assertThat(Datasets.imagesBelow(folder))
        .containsExactly(
            folder.resolve("b/1.webp"), folder.resolve("b/c/2.jpg"), folder.resolve("z.png"));
  }

  @Test
  void anEmptyListIsOneSentence() {
    assertThatThrownBy(() -> Datasets.files(List.of()))
        .isInstanceOf(ImageException.class)
        .hasMessage("the list of files holds no images");
  }

  private Path write(String name, int red) throws Exception {
    Image image = Image.black(50, 40);
    for (int i = 0; i < image.pixels().length; i += 3) {
      image.pixels()[i] = (byte) red;
    }
    return Files.write(folder.resolve(name), ImageEncoder.png(image));
  }
}
