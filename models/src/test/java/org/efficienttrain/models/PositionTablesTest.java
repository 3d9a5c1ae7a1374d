package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import org.efficienttrain.tensor.Resize;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PositionTablesTest {
  /** Final grids of the families and the grids of their smaller sizes, in both kernels. */
  @ParameterizedTest
  @CsvSource({
    "14, 6", "14, 8", "14, 10", "14, 12", "14, 14", "24, 6", "24, 14", "8, 4", "8, 5", "8, 6",
    "8, 7", "56, 24", "56, 32", "56, 40", "56, 48", "28, 12", "7, 3", "7, 4", "7, 5", "7, 6",
    "7, 9", "14, 24"
  })
  void everyEntryLearns(int from, int to) {
    for (Resize.Kernel kernel : Resize.Kernel.values()) {
      try (Scope scope = Scope.open()) {
        Tensor table = Tensors.zeros(1, 1 + from * from, 2).requiresGrad_(true);
        Tensor resized = PositionTables.resize(table, 1, to, kernel);
        assertThat(resized.shape()).containsExactly(1, 1 + to * to, 2);
        resized.mul(weights(resized)).sum().backward();
        assertThat(smallest(table.grad())).isPositive();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"7, 1", "7, 2", "7, 3", "7, 4", "7, 5", "7, 6", "12, 7", "7, 12"})
  void everyRelativePositionLearns(int from, int to) {
    for (Resize.Kernel kernel : Resize.Kernel.values()) {
      try (Scope scope = Scope.open()) {
        long side = 2L * from - 1;
        Tensor table = Tensors.zeros(side * side, 3).requiresGrad_(true);
        Tensor resized = PositionTables.resizeRelative(table, to, kernel);
        assertThat(resized.shape()).containsExactly((2L * to - 1) * (2 * to - 1), 3);
        resized.mul(weights(resized)).sum().backward();
        assertThat(smallest(table.grad())).isPositive();
      }
    }
  }

  /** What depends linearly on the place stays linear, away from the border, and tokens stay. */
  @ParameterizedTest
  @EnumSource(Resize.Kernel.class)
  void keepsALinearTable(Resize.Kernel kernel) {
    int from = 12;
    int to = 6;
    float[] values = new float[1 + from * from];
    values[0] = 99;
    for (int i = 0; i < from * from; i++) {
      int row = i / from;
      values[1 + i] = (row + 0.5f) / from;
    }
    try (Scope scope = Scope.open()) {
      float[] out =
          PositionTables.resize(Tensors.of(values, 1, values.length, 1), 1, to, kernel).toFloats();
      assertThat(out[0]).isEqualTo(99);
      for (int row = 2; row < 4; row++) {
        assertThat(out[1 + row * to]).isCloseTo((row + 0.5f) / to, within(1e-5f));
      }
    }
  }

  /** Fine-tuning at a larger size, by the official code. */
  @Test
  void enlargesAStoredTableAsTheOfficialCode() throws IOException {
    JsonNode golden;
    try (InputStream in =
        PositionTablesTest.class.getResourceAsStream("/golden/ops/mae_finetune.json")) {
      golden = new ObjectMapper().readTree(in).get("position_table").get("output");
    }
    try (Scope scope = Scope.open()) {
      Tensor table = Tensors.of(GoldenFill.uniform("pos-table", 20), 1, 10, 2);
      Tensor larger = PositionTables.load(table, 1, 5);
      assertThat(larger.shape()).containsExactly(1, 26, 2);
      float[] ours = larger.toFloats();
      for (int i = 0; i < ours.length; i++) {
        assertThat((double) ours[i]).isCloseTo(golden.get(i).asDouble(), within(1e-6));
      }
    }
  }

  private static Tensor weights(Tensor like) {
    return Tensors.of(GoldenFill.uniform("weights", (int) like.numel()), like.shape());
  }

  private static double smallest(Tensor t) {
    return t.abs().flatten(0, -1).amin(new long[] {0}, false).item();
  }
}
