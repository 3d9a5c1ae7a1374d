package org.efficienttrain.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.TensorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir Path folder;

  @Test
  void everyTypeIsReadBackBitForBit() throws IOException {
    Random random = new Random(1);
    List<TensorInfo> tensors = new ArrayList<>();
    Map<String, byte[]> bytes = new HashMap<>();
    for (DType dtype : DType.values()) {
      for (long[] shape : new long[][] {{3, 5}, {}, {0, 4}, {7}}) {
        TensorInfo info =
            TensorInfo.of("a \"b\"\n" + dtype + shape.length + tensors.size(), dtype, shape);
        byte[] content = new byte[(int) info.bytes()];
        random.nextBytes(content);
        tensors.add(info);
        bytes.put(info.name(), content);
      }
    }
    Path path = folder.resolve("all.safetensors");
    SafetensorsWriter.write(
        path, tensors, t -> ByteBuffer.wrap(bytes.get(t.name())), Map.of("k", "v \u00e9\u0001"));

    try (WeightFile file = WeightFile.open(path)) {
      assertThat(file.tensors().values()).containsExactlyInAnyOrderElementsOf(tensors);
      assertThat(file.metadata()).isEqualTo(Map.of("k", "v \u00e9\u0001"));
      bytes.forEach((name, b) -> assertThat(GoldenFiles.bytes(file, name)).isEqualTo(b));
    }
    byte[] header = Files.readAllBytes(path);
    assertThat(ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8).isZero();
  }

  @Test
  void theGoldenFileIsRewrittenToTheSameTensors() {
    Path path = folder.resolve("copy.safetensors");
    try (WeightFile from = WeightFile.open(GoldenFiles.path("weights.safetensors"))) {
      SafetensorsWriter.write(
          path, from.tensors().values(), t -> from.read(t.name()), from.metadata());
      try (WeightFile copy = WeightFile.open(path)) {
        assertThat(copy.tensors().values()).containsExactlyElementsOf(from.tensors().values());
        for (String name : copy.tensors().keySet()) {
          assertThat(GoldenFiles.bytes(copy, name)).isEqualTo(GoldenFiles.bytes(from, name));
        }
      }
    }
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNoRubbish() throws IOException {
    Path path = Files.writeString(folder.resolve("old.safetensors"), "old");
    List<TensorInfo> tensors = List.of(TensorInfo.of("a", DType.FLOAT32, 2));
    assertThatThrownBy(
            () -> SafetensorsWriter.write(path, tensors, t -> ByteBuffer.allocate(7), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs 8 bytes but 7");
    assertThat(path).hasContent("old");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void mistakesOfTheUserAreOneSentence() {
    List<TensorInfo> one = List.of(TensorInfo.of("a", DType.UINT8, 1));
    List<TensorInfo> twins = List.of(one.get(0), one.get(0));
    Path path = folder.resolve("x.safetensors");
    assertThatThrownBy(
            () -> SafetensorsWriter.write(path, twins, t -> ByteBuffer.allocate(1), Map.of()))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("'a' is reserved or used twice");
    Path nowhere = folder.resolve("missing").resolve("x.safetensors");
    assertThatThrownBy(
            () -> SafetensorsWriter.write(nowhere, one, t -> ByteBuffer.allocate(1), Map.of()))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("cannot write")
        .hasMessageContaining("there is no folder " + nowhere.getParent());
    assertThatThrownBy(
            () -> SafetensorsWriter.write(folder, one, t -> ByteBuffer.allocate(1), Map.of()))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("is a folder");
  }
}
