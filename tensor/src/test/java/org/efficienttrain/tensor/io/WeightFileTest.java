package org.efficienttrain.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.TensorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sound and broken files from the official libraries. */
class WeightFileTest {
  private static final List<String> NAMES =
      List.of(
          "conv.weight",
          "conv.bias",
          "bn.weight",
          "bn.bias",
          "bn.running_mean",
          "bn.running_var",
          "head.weight",
          "head.bias");

  @Test
  void safetensorsAreReadInOrderWithMetadata() {
    try (WeightFile file = WeightFile.open(GoldenFiles.path("weights.safetensors"))) {
      assertThat(file.format()).isEqualTo("safetensors");
      assertThat(file.tensors().keySet()).containsExactlyElementsOf(NAMES);
      assertThat(file.metadata()).containsEntry("format", "pt").hasSize(1);
      assertThat(file.tensors().get("conv.weight"))
          .isEqualTo(TensorInfo.of("conv.weight", DType.FLOAT32, 4, 3, 3, 3));
      // The first two elements, read from the file with another tool.
      assertThat(GoldenFiles.floats(file, "conv.weight"))
          .startsWith(Float.intBitsToFloat(0x3da62715), Float.intBitsToFloat(0x3e842aa3));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"state_dict.pth", "legacy_format.pth", "training_checkpoint.pth"})
  void everyPthFormHoldsTheSameWeights(String name) {
    try (WeightFile reference = WeightFile.open(GoldenFiles.path("weights.safetensors"));
        WeightFile file = WeightFile.open(GoldenFiles.path(name))) {
      assertThat(file.tensors().keySet()).containsAll(NAMES).hasSize(NAMES.size() + 1);
      for (String tensor : NAMES) {
        assertThat(file.tensors().get(tensor)).isEqualTo(reference.tensors().get(tensor));
        assertThat(GoldenFiles.bytes(file, tensor)).isEqualTo(GoldenFiles.bytes(reference, tensor));
      }
      assertThat(file.tensors().get("bn.num_batches_tracked"))
          .isEqualTo(TensorInfo.of("bn.num_batches_tracked", DType.INT64));
      assertThat(file.read("bn.num_batches_tracked").remaining()).isEqualTo(8);
    }
  }

  @Test
  void halfPrecisionKeepsItsType() {
    try (WeightFile reference = WeightFile.open(GoldenFiles.path("weights.safetensors"));
        WeightFile file = WeightFile.open(GoldenFiles.path("half.pth"))) {
      assertThat(file.tensors().get("conv.weight").dtype()).isEqualTo(DType.FLOAT16);
      float[] full = GoldenFiles.floats(reference, "conv.weight");
      ByteBuffer half = file.read("conv.weight");
      for (float expected : full) {
        assertThat(halfToFloat(half.getShort())).isCloseTo(expected, within(2e-4f));
      }
    }
  }

  /** IEEE 754 binary16, normal numbers and zero; the JDK's own conversion needs Java 20. */
  private static float halfToFloat(short half) {
    int exponent = (half >> 10) & 0x1f;
    float fraction = (half & 0x3ff) / 1024f;
    float magnitude =
        exponent == 0 ? fraction * 0x1p-14f : (1 + fraction) * (float) Math.pow(2, exponent - 15);
    return half < 0 ? -magnitude : magnitude;
  }

  @Test
  void viewsOfOneStorageAreGathered() {
    try (WeightFile file = WeightFile.open(GoldenFiles.path("views.pth"))) {
      float[] whole = GoldenFiles.floats(file, "shared");
      float[] view = GoldenFiles.floats(file, "view");
      float[] transposed = GoldenFiles.floats(file, "t");
      assertThat(file.tensors().get("t").shape()).containsExactly(6L, 4L);
      for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 6; j++) {
          assertThat(transposed[j * 4 + i]).isEqualTo(whole[i * 6 + j]);
        }
      }
      // Rows 1 and 2, columns 2 to 4: offset 8, strides (6, 1).
      assertThat(view)
          .containsExactly(whole[8], whole[9], whole[10], whole[14], whole[15], whole[16]);
    }
  }

  @Test
  void statesOfACheckpointCanBeChosen() {
    Path path = GoldenFiles.path("training_checkpoint.pth");
    try (WeightFile file = WeightFile.open(path)) {
      assertThat(file.states()).containsExactly("model", "model_ema");
      assertThat(file.state()).isEqualTo("model");
    }
    try (WeightFile file = WeightFile.open(path, "model_ema")) {
      assertThat(file.state()).isEqualTo("model_ema");
      assertThat(file.tensors()).hasSize(9);
    }
    assertThatThrownBy(() -> WeightFile.open(path, "teacher"))
        .isInstanceOf(TensorException.class)
        .hasMessage(path + " has no state 'teacher'; it has 'model', 'model_ema'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "bad_empty.safetensors | is damaged: it is empty",
        "bad_header_length.safetensors"
            + " | its header claims 4611686018427387904 bytes but the whole file has 1208",
        "bad_overlap.safetensors | the bytes of 'conv.weight' overlap those of 'head.bias'",
        "bad_shape_mismatch.safetensors"
            + " | 'conv.bias' of shape 5 and type F32 needs 20 bytes but its data_offsets"
            + " [432, 448] span 16",
        "bad_size_mismatch.safetensors"
            + " | 'conv.weight' of shape 4x3x3x3 and type F32 needs 432 bytes but its data_offsets"
            + " [0, 436] span 436",
        "truncated.pth | the zip directory at its end is missing, so it was cut short",
        "hostile.pth | mentions the Python object 'posix.system', which weights do not need"
      })
  void brokenFilesAreRefusedWithTheReason(String name, String reason) {
    Path path = GoldenFiles.path(name);
    assertThatThrownBy(() -> WeightFile.open(path))
        .isInstanceOf(TensorException.class)
        .hasMessageStartingWith(path.toString())
        .hasMessageContaining(reason)
        .hasMessageNotContaining("\n");
    assertThat(Path.of(System.getProperty("java.io.tmpdir"), "et_pickle_was_executed"))
        .doesNotExist();
  }

  @Test
  void whatIsNoWeightFileSaysSo(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("a.pth"), "<html>Not found</html>");
    assertThatThrownBy(() -> WeightFile.open(text))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("neither a safetensors nor a PyTorch .pth file");
    Path pointer =
        Files.writeString(folder.resolve("b.pth"), "version https://git-lfs.github.com/spec/v1\n");
    assertThatThrownBy(() -> WeightFile.open(pointer))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("git lfs pull");
    assertThatThrownBy(() -> WeightFile.open(folder))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("is a folder");
    assertThatThrownBy(() -> WeightFile.open(folder.resolve("c.pth")))
        .isInstanceOf(TensorException.class)
        .hasMessage("there is no file " + folder.resolve("c.pth") + "; check the path");
  }

  @Test
  void anUnknownNameOrAClosedFileSaysSo() {
    WeightFile file = WeightFile.open(GoldenFiles.path("weights.safetensors"));
    assertThatThrownBy(() -> file.read("nose.weight"))
        .isInstanceOf(TensorException.class)
        .hasMessageEndingWith("has no tensor 'nose.weight'");
    file.close();
    assertThatThrownBy(() -> file.read("head.bias"))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("was closed");
  }
}
