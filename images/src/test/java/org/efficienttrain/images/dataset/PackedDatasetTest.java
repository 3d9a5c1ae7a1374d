package org.efficienttrain.images.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.loader.BrokenFiles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedDatasetTest {
  @TempDir Path folder;
  private Path pack;

  @BeforeEach
  void writePack() throws IOException {
    for (int i = 0; i < 700; i++) {
      Path file = folder.resolve("in/class %d/%03d.jpg".formatted(i % 3, i));
      Files.createDirectories(file.getParent());
      Files.writeString(file, i == 5 ? "" : "image " + i);
    }
    pack = folder.resolve("out/set.etpack");
    ImageDataset source =
        Datasets.open(folder.resolve("in").toString(), Progress.NONE).get(0).dataset();
    BrokenFiles broken = PackWriter.write(source, pack, UnaryOperator.identity(), Progress.NONE);
    assertThat(broken.byReason()).containsEntry(Reason.EMPTY, 1).hasSize(1);
  }

  private ImageDataset open() {
    return Datasets.open(pack.toString(), Progress.NONE).get(0).dataset();
  }

  @Test
  void holdsEverySoundSampleInOrder() {
    ImageDataset dataset = open();
    assertThat(dataset.size()).isEqualTo(699);
    assertThat(dataset.classes()).containsExactly("class 0", "class 1", "class 2");
    int index = 0;
    for (int label = 0; label < 3; label++) {
      for (int i = label; i < 700; i += 3) {
        if (i != 5) {
          assertThat(dataset.name(index)).isEqualTo("class %d/%03d.jpg".formatted(label, i));
          assertThat(dataset.label(index)).isEqualTo(label);
          assertThat(dataset.read(index)).asString().isEqualTo("image " + i);
          index++;
        }
      }
    }
  }

  @Test
  void nothingButThePackIsLeftBehind() throws IOException {
    try (Stream<Path> files = Files.list(pack.getParent())) {
      assertThat(files).containsExactly(pack);
    }
  }

  @Test
  void aTruncatedPackIsOneSentence() throws IOException {
    byte[] bytes = Files.readAllBytes(pack);
    for (int length : new int[] {0, 7, 39, 40, bytes.length / 2, bytes.length - 1}) {
      Files.write(pack, Arrays.copyOf(bytes, length));
      assertThatThrownBy(this::open)
          .isExactlyInstanceOf(ImageException.class)
          .hasMessageContaining("%s is truncated", pack)
          .hasMessageContaining("it has " + length + " bytes");
    }
  }

  @Test
  void anotherVersionIsOneSentence() throws IOException {
    patch(8, 2);
    assertThatThrownBy(this::open)
        .hasMessage(
            "%s is a packed dataset of version 2, this program reads version 1: pack it again",
            pack);
  }

  @Test
  void somethingElseIsOneSentence() throws IOException {
    Files.write(pack, "x".repeat(100).getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(this::open).hasMessage(pack + " is not a packed dataset");
  }

  @Test
  void aDamagedHeaderOrIndexIsOneSentence() throws IOException {
    byte[] bytes = Files.readAllBytes(pack);
    for (int at : new int[] {12, 17, 25, 33, 37, bytes.length - 1, bytes.length - 9_000}) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= 1;
      Files.write(pack, damaged);
      assertThatThrownBy(this::open)
          .isExactlyInstanceOf(ImageException.class)
          .hasMessageContaining("damaged");
    }
  }

  /** A checksum does not stop somebody who means harm: every number is checked as well. */
  @Test
  void aForgedHeaderIsRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(pack);
    for (long[] numbers :
        new long[][] {
          {Integer.MAX_VALUE, 40, bytes.length - 40},
          {-1, 40, 100},
          {1, -8, bytes.length + 8},
          {1, 40, -40}
        }) {
      ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      header.putInt(12, (int) numbers[0]).putLong(16, numbers[1]).putLong(24, numbers[2]);
      header.putInt(36, PackFormat.checksum(header.slice(0, 36)));
      Files.write(pack, bytes);
      assertThatThrownBy(this::open).isExactlyInstanceOf(ImageException.class);
    }
  }

  @Test
  void aDamagedSampleIsBrokenAndTheOthersAreNot() throws IOException {
    byte[] bytes = Files.readAllBytes(pack);
    bytes[PackFormat.HEADER_BYTES] ^= 1;
    Files.write(pack, bytes);
    ImageDataset dataset = open();
    assertThatThrownBy(() -> dataset.read(0))
        .isInstanceOfSatisfying(
            BrokenImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT));
    assertThat(dataset.read(1)).asString().isEqualTo("image 3");
  }

  @Test
  void aPairOfPacksIsTrainingAndValidation() throws IOException {
    Files.copy(pack, pack.resolveSibling("train.etpack"));
    Files.move(pack, pack.resolveSibling("val.etpack"));
    DatasetSplits splits = Datasets.openSplits(pack.getParent().toString(), 0.1, 0, Progress.NONE);
    assertThat(splits.train().size()).isEqualTo(699);
    assertThat(splits.validation().size()).isEqualTo(699);
  }

  private void patch(int at, int value) throws IOException {
    byte[] bytes = Files.readAllBytes(pack);
    bytes[at] = (byte) value;
    Files.write(pack, bytes);
  }
}
