package org.efficienttrain.images.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.Progress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each archive form means, and how bad archives are refused. */
class ArchiveFormsTest {
  @TempDir Path folder;
  @TempDir Path cache;

  @BeforeEach
  void useOwnCache() {
    System.setProperty("efficienttrain.cache", cache.toString());
  }

  @AfterEach
  void useCommonCache() {
    System.clearProperty("efficienttrain.cache");
  }

  private static List<Datasets.Part> open(Path path) {
    return Datasets.open(path.toString(), Progress.NONE);
  }

  private static AbstractThrowableAssert<?, ?> assertRefused(Path path) {
    return assertThatThrownBy(() -> open(path))
        .isExactlyInstanceOf(ImageException.class)
        .hasMessageNotContaining("\n");
  }

  private Path tar(Object... namesAndContents) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < namesAndContents.length; i += 2) {
      files.put(
          (String) namesAndContents[i],
          ((String) namesAndContents[i + 1]).getBytes(StandardCharsets.UTF_8));
    }
    return DatasetForms.writeTar(folder.resolve("set.tar"), files);
  }

  @Test
  void partsAndClassesComeFromTheFoldersInTheArchive() throws IOException {
    Path tar =
        tar(
            "LICENSE",
            "x",
            "a/train/dog/1.jpg",
            "d1",
            "a/train/cat/x/2.jpg",
            "c2",
            "a/test/dog/3.jpg",
            "d3",
            "a/val/cat/4.jpg",
            "c4");
    List<Datasets.Part> parts = open(tar);
    assertThat(parts).extracting(Datasets.Part::name).containsExactly("train", "val");
    ImageDataset train = parts.get(0).dataset();
    assertThat(train.classes()).containsExactly("cat", "dog");
    assertThat(train.name(0)).isEqualTo("dog/1.jpg");
    assertThat(train.label(0)).isEqualTo(1);
    assertThat(train.name(1)).isEqualTo("cat/x/2.jpg");
    assertThat(train.read(1)).asString().isEqualTo("c2");
    assertThat(parts.get(1).dataset().read(0)).asString().isEqualTo("c4");
  }

  @Test
  void longAndForeignNamesAreRead() throws IOException {
    String name = "grüße " + "long ".repeat(40) + ".jpg";
    ImageDataset dataset = open(tar("猫/" + name, "1", "dog/2.jpg", "2")).get(0).dataset();
    assertThat(dataset.classes()).containsExactly("dog", "猫");
    assertThat(dataset.name(0)).isEqualTo("猫/" + name);
    assertThat(dataset.read(0)).asString().isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../cat/1.jpg",
        "cat/../../1.jpg",
        "/etc/cat/1.jpg",
        "C:/cat/1.jpg",
        "..\\cat\\1.jpg"
      })
  void namesThatLeadOutsideAreRefused(String name) throws IOException {
    Path tar = folder.resolve("set.tar");
    try (var out =
        new org.apache.commons.compress.archivers.tar.TarArchiveOutputStream(
            Files.newOutputStream(tar))) {
      var entry = new org.apache.commons.compress.archivers.tar.TarArchiveEntry("x", true);
      entry.setName(name);
      if (name.startsWith("/")) {
        entry = new org.apache.commons.compress.archivers.tar.TarArchiveEntry(name, true);
      }
      entry.setSize(1);
      out.putArchiveEntry(entry);
      out.write('x');
      out.closeArchiveEntry();
    }
    if (name.startsWith("C:") || name.startsWith("..\\")) {
      // The library that writes archives mends these names; written by hand they stay.
      byte[] bytes = Files.readAllBytes(tar);
      patchName(bytes, name);
      Files.write(tar, bytes);
    }
    assertRefused(tar).hasMessageContaining("leads outside of it");
  }

  /** Sets name and checksum of the first header. */
  private static void patchName(byte[] tar, String name) {
    Arrays.fill(tar, 0, 100, (byte) 0);
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, tar, 0, bytes.length);
    Arrays.fill(tar, 148, 156, (byte) ' ');
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += tar[i] & 0xFF;
    }
    byte[] text = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, tar, 148, text.length);
  }

  @Test
  void aTruncatedArchiveIsOneSentence() throws IOException {
    Path tar = tar("cat/1.jpg", "x".repeat(3000), "dog/2.jpg", "y".repeat(3000));
    byte[] bytes = Files.readAllBytes(tar);
    for (int length : new int[] {100, 600, 4000, 5000}) {
      Files.write(tar, Arrays.copyOf(bytes, length));
      assertRefused(tar).hasMessageContaining(tar.toString());
    }
  }

  @Test
  void aTruncatedCompressedArchiveIsOneSentenceAndLeavesNothing() throws IOException {
    Path gz =
        DatasetForms.compress(
            tar("cat/1.jpg", "x".repeat(3000), "dog/2.jpg", "y"), folder.resolve("set.tar.gz"));
    byte[] bytes = Files.readAllBytes(gz);
    Files.write(gz, Arrays.copyOf(bytes, bytes.length / 2));
    assertRefused(gz).hasMessageContaining("damaged or incomplete");
    try (var left = Files.walk(cache)) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void labelsOutsideTheRangeAreRefused() throws IOException {
    for (String label : List.of("-1", "65536", "99999999999", "cat", "")) {
      assertRefused(tar("1.jpg", "x", "1.cls", label))
          .hasMessageContaining(
              "1.cls in %s has the label \"%s\"", folder.resolve("set.tar"), label);
    }
    assertRefused(tar("1.jpg", "x", "1.json", "{\"label\": -3}")).hasMessageContaining("\"-3\"");
    assertRefused(tar("1.jpg", "x", "1.json", "{\"label\"")).hasMessageContaining("not valid JSON");
  }

  @Test
  void anImageWithoutALabelIsOneSentence() throws IOException {
    assertRefused(tar("1.jpg", "x", "1.cls", "0", "2.jpg", "y"))
        .hasMessageContaining("the image 2.jpg has no label");
    assertRefused(tar("1.jpg", "x")).hasMessageContaining("in no class folder and with no label");
    assertRefused(tar("notes.txt", "x")).hasMessageContaining("holds no images");
  }

  @Test
  void aChangedArchiveIsListedAnew() throws IOException {
    assertThat(open(tar("cat/1.jpg", "x", "dog/1.jpg", "y")).get(0).dataset().size()).isEqualTo(2);
    Path tar = tar("cat/1.jpg", "x", "dog/1.jpg", "y", "dog/2.jpg", "z".repeat(20_000));
    assertThat(open(tar).get(0).dataset().size()).isEqualTo(3);
  }

  @Test
  void aDamagedIndexIsMadeAgain() throws IOException {
    Path tar = tar("cat/1.jpg", "x", "dog/1.jpg", "y");
    String expected = open(tar).get(0).dataset().fingerprint();
    try (var files = Files.list(cache.resolve("indexes"))) {
      for (Path index : files.toList()) {
        byte[] bytes = Files.readAllBytes(index);
        for (int i = 0; i < bytes.length; i++) {
          byte[] damaged = bytes.clone();
          damaged[i] ^= 0x15;
          Files.write(index, damaged);
          assertThat(open(tar).get(0).dataset().fingerprint()).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void theValidationImagesOfIlsvrcGetTheirClassesFromTheDevelopmentKit() throws IOException {
    List<Datasets.Part> parts = open(DatasetForms.ILSVRC_2012.write(folder));
    ImageDataset train = parts.get(0).dataset();
    ImageDataset validation = parts.get(1).dataset();
    assertThat(train.classes()).containsExactly("n01440764", "n02100735", "n02119789");
    assertThat(validation.classes()).isEqualTo(train.classes());
    // The list says 3 1 2 3 1 2; 1 is n02119789, 2 n02100735, 3 n01440764.
    assertThat(List.of(0, 1, 2, 3, 4, 5)).map(validation::label).containsExactly(0, 2, 1, 0, 2, 1);
    assertThat(validation.read(4)).isEqualTo(DatasetForms.image(5));

    Files.delete(folder.resolve("ILSVRC2012_devkit_t12.tar.gz"));
    assertRefused(folder).hasMessageContaining("put ILSVRC2012_devkit_t12.tar.gz beside it");
  }

  @Test
  void theSynsetsAreReadCompressedOrNot() throws IOException {
    for (String name : List.of("meta_plain.mat", "meta_compressed.mat")) {
      assertThat(MatFile.synsets(DatasetForms.resource(name)))
          .containsExactly(
              new MatFile.Synset(1, "n02119789"),
              new MatFile.Synset(2, "n02100735"),
              new MatFile.Synset(3, "n01440764"),
              new MatFile.Synset(1001, "n00001740"));
    }
    byte[] bytes = DatasetForms.resource("meta_plain.mat");
    for (int length : new int[] {0, 127, 128, 140, 500, bytes.length - 30}) {
      assertThatThrownBy(() -> MatFile.synsets(Arrays.copyOf(bytes, length)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void cifarComesOutAsPixels() throws IOException {
    List<Datasets.Part> parts = open(DatasetForms.CIFAR_10_FOLDER.write(folder));
    ImageDataset train = parts.get(0).dataset();
    assertThat(train.size()).isEqualTo(40);
    assertThat(train.classes()).startsWith("airplane", "automobile").hasSize(10);
    assertThat(train.name(23)).isEqualTo("data_batch_2.bin/00003");
    assertThat(train.label(23)).isEqualTo(3);
    byte[] ppm = train.read(23);
    assertThat(Arrays.copyOfRange(ppm, ppm.length - 3, ppm.length))
        .containsExactly(3, 100, (byte) 200);
    assertThat(parts.get(1).dataset().size()).isEqualTo(10);
  }

  @Test
  void aBadCifarFileIsOneSentence() throws IOException {
    Path root = DatasetForms.CIFAR_10_FOLDER.write(folder);
    Path batch = root.resolve("cifar-10-batches-bin/data_batch_1.bin");
    byte[] bytes = Files.readAllBytes(batch);
    bytes[3073] = 10;
    Files.write(batch, bytes);
    assertRefused(root)
        .hasMessageContaining("data_batch_1.bin/00001 has the label 10, outside 0..9");
    Files.write(batch, Arrays.copyOf(bytes, 5000));
    assertRefused(root).hasMessageContaining("not a multiple of 3073");
  }

  @Test
  void somethingElseIsOneSentence() throws IOException {
    Path file = Files.writeString(folder.resolve("photo.jpg"), "x");
    assertRefused(file).hasMessageContaining("is not a dataset");
    assertRefused(Files.writeString(folder.resolve("photo.tar"), "x".repeat(2000)))
        .hasMessageContaining("photo.tar");
  }
}
