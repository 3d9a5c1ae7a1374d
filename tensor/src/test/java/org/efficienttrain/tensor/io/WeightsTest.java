package org.efficienttrain.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Resize;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsTest {
  @TempDir Path folder;
  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private Path write(Map<String, Tensor> tensors) {
    Path path = folder.resolve("w.safetensors");
    Weights.write(path, tensors, Map.of("format", "pt"));
    return path;
  }

  @Test
  void tensorsOfEveryTypeComeBackBitForBit() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (DType type : DType.values()) {
      tensors.put(type.name(), Tensors.randn(3, 4).mul(50).to(type));
    }
    tensors.put("scalar", Tensors.of(new float[] {2.5f}, 1).view());
    tensors.put("empty", Tensors.zeros(DType.INT32, Device.CPU, 0, 3));
    tensors.put("transposed", Tensors.randn(3, 4).transpose(0, 1));
    Map<String, Tensor> back = Weights.read(write(tensors));
    assertThat(back.keySet()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
    tensors.forEach(
        (name, t) -> assertThat(back.get(name).bitEquals(t.contiguous())).as(name).isTrue());
  }

  @Test
  void aPthFileIsReadIntoTensors() {
    Map<String, Tensor> tensors = Weights.read(GoldenFiles.path("views.pth"));
    assertThat(tensors.get("t").bitEquals(tensors.get("shared").transpose(0, 1).contiguous()))
        .isTrue();
  }

  @Test
  void aStateThatFitsIsCopiedAndConverted() {
    Map<String, Tensor> stored = Map.of("a", Tensors.randn(2, 3).to(DType.FLOAT16));
    Map<String, Tensor> state = Map.of("a", Tensors.zeros(2, 3));
    try (WeightFile file = WeightFile.open(write(stored))) {
      LoadReport report = Weights.load(state, file, LoadPolicy.STRICT);
      assertThat(report.copied()).isEqualTo(1);
      assertThat(report.lines()).isEmpty();
    }
    assertThat(state.get("a").bitEquals(stored.get("a").to(DType.FLOAT32))).isTrue();
  }

  @Test
  void aStateThatDoesNotFitIsRefusedAndChangesNothing() {
    Path path = write(Map.of("a", Tensors.ones(2), "c", Tensors.ones(4), "d", Tensors.ones(1)));
    Map<String, Tensor> state =
        Map.of("a", Tensors.zeros(2), "b", Tensors.zeros(3), "c", Tensors.zeros(5));
    try (WeightFile file = WeightFile.open(path)) {
      assertThatThrownBy(() -> Weights.load(state, file, LoadPolicy.STRICT))
          .isInstanceOf(TensorException.class)
          .hasMessage(
              path
                  + " does not fit the model: 1 missing: b; 1 unexpected: d; 1 of another shape:"
                  + " c (file 4, model 5); give weights of the same architecture");
    }
    assertThat(state.get("a").sum().item()).isZero();
  }

  @Test
  void headsTablesAndDerivedBuffersFollowThePolicy() {
    Path path =
        write(
            Map.of(
                "head.weight", Tensors.ones(1000, 4),
                "pos", Tensors.ones(1, 4, 4, 2),
                "w", Tensors.ones(2),
                "mask", Tensors.ones(7)));
    Map<String, Tensor> state =
        Map.of(
            "head.weight", Tensors.zeros(10, 4),
            "head.bias", Tensors.zeros(10),
            "pos", Tensors.zeros(1, 6, 6, 2),
            "w", Tensors.zeros(2));
    LoadPolicy policy =
        LoadPolicy.STRICT
            .withNewHead(name -> name.startsWith("head."))
            .withDerived(name -> name.equals("mask"))
            .withTables(
                (name, stored, shape) ->
                    name.equals("pos")
                        ? Resize.resize(
                                stored.permute(0, 3, 1, 2),
                                shape[1],
                                shape[2],
                                Resize.Kernel.BICUBIC)
                            .permute(0, 2, 3, 1)
                        : null);
    try (WeightFile file = WeightFile.open(path)) {
      LoadReport report = Weights.load(state, file, policy);
      assertThat(report.copied()).isEqualTo(1);
      assertThat(report.newHead()).containsExactlyInAnyOrder("head.bias", "head.weight");
      assertThat(report.lines())
          .hasSize(3)
          .contains(
              "resized pos from 1x4x4x2 to 1x6x6x2",
              "left out 1 tensors that the model computes itself");
    }
    assertThat(state.get("w").sum().item()).isEqualTo(2);
    assertThat(state.get("pos").mean().item()).isCloseTo(1, within());
    assertThat(state.get("head.weight").sum().item()).isZero();
  }

  private static Offset<Double> within() {
    return Offset.offset(1e-6);
  }

  @Test
  void longListsOfNamesAreCut() {
    Map<String, List<Long>> many = new LinkedHashMap<>();
    for (int i = 0; i < 9; i++) {
      many.put("n" + i, List.of(1L));
    }
    assertThat(StateMatch.of(many, Map.of()).sentence(Path.of("x")))
        .isEqualTo("x does not fit the model: 9 missing: n0, n1, n2, n3, n4, and 4 more");
  }

  @Test
  void theReportNamesEveryTensorAndTheTotals() {
    try (WeightFile file = WeightFile.open(GoldenFiles.path("training_checkpoint.pth"))) {
      assertThat(WeightFileReport.text(file))
          .contains("PyTorch zip", "model (shown)", "model_ema", "conv.weight", "4x3x3x3")
          .contains("float32", "432 bytes", "9 tensors, 139 elements, 560 bytes");
    }
    try (WeightFile file = WeightFile.open(GoldenFiles.path("weights.safetensors"))) {
      assertThat(WeightFileReport.text(file)).contains("metadata: format = pt");
    }
  }
}
