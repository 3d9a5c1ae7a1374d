package org.efficienttrain.app.runs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class NumberTableTest {
  @Test
  void rowsComeBackWithTheirOwnNames() {
    NumberTable table = new NumberTable();
    table.add(Map.of("step", 10.0, "accuracy", 0.5));
    table.add(Map.of("step", 20.0, "knnAccuracy", 0.25));
    assertThat(table)
        .containsExactly(
            Map.of("step", 10.0, "accuracy", 0.5), Map.of("step", 20.0, "knnAccuracy", 0.25));
  }
}
