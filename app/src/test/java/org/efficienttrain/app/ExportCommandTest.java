package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.io.Weights;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExportCommandTest {
  @TempDir Path folder;
  private Path weights;

  @BeforeEach
  void writeWeights() {
    Backbone model = Backbones.create("swin_tiny_cifar", 7, 32);
    weights = folder.resolve("model.safetensors");
    Weights.write(weights, model.state(), Map.of());
    model.close();
  }

  @ParameterizedTest
  @CsvSource({"torchscript, model.pt", "onnx, model.onnx"})
  void aFileThatDoesNotSayWhatItIsIsRecognised(String format, String written) {
    CommandLineTest.Result result =
        CommandLineTest.run("export", weights.toString(), "--format", format);
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("swin_tiny_cifar at 32 x 32");
    assertThat(folder.resolve(written)).isNotEmptyFile();
  }

  @Test
  void safetensorsCanHaveTimmsNames() {
    Path out = folder.resolve("timm.safetensors");
    CommandLineTest.Result result =
        CommandLineTest.run(
            "export",
            folder.toString(),
            "--format",
            "safetensors",
            "--names",
            "timm",
            "--out",
            out.toString());
    assertThat(result.code()).isZero();
    Backbone model = Backbones.create("swin_tiny_cifar", 7, 32);
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> official = Weights.read(weights);
      Map<String, Tensor> timm = Weights.read(out);
      assertThat(timm.keySet())
          .containsExactlyInAnyOrderElementsOf(model.timmState().keySet())
          .isNotEqualTo(official.keySet());
      official.forEach(
          (name, t) -> assertThat(timm.get(model.timmName(name)).bitEquals(t)).as(name).isTrue());
    }
    model.close();
  }

  @Test
  void theSourceIsNeverOverwritten() throws Exception {
    byte[] before = Files.readAllBytes(weights);
    assertThat(CommandLineTest.run("export", weights.toString(), "--format", "safetensors").code())
        .isZero();
    assertThat(Files.readAllBytes(weights)).isEqualTo(before);
    assertThat(folder.resolve("model-official.safetensors")).isNotEmptyFile();
  }

  @Test
  void mistakesAreOneSentenceAndCode2() {
    assertFails("looks like no model known here", "export", other(), "--format", "onnx");
    assertFails(
        "has no classifier of resnet18",
        "export",
        other(),
        "--format",
        "onnx",
        "--model",
        "resnet18");
    assertFails("30", "export", weights.toString(), "--format", "onnx", "--image-size", "30");
    assertFails("Invalid value for option '--format'", "export", "x", "--format", "tflite");
    assertFails("there is no file", "export", folder + "/none", "--format", "onnx");
    assertFails(
        "cannot make the folder",
        "export",
        weights.toString(),
        "--format",
        "onnx",
        "--out",
        other() + "/a.onnx");
  }

  private String other() {
    Path path = folder.resolve("other.safetensors");
    try (Scope scope = Scope.open()) {
      Weights.write(path, Map.of("a", Tensors.zeros(2)), Map.of());
    }
    return path.toString();
  }

  private static void assertFails(String message, String... args) {
    CommandLineTest.Result result = CommandLineTest.run(args);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains(message).doesNotContain("\tat ");
  }
}
