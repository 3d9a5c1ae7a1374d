package org.efficienttrain.tensor.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.TensorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RanksTest {
  @Test
  void withoutVariablesAProcessIsAlone() {
    Ranks ranks = Ranks.of(Map.of());

    assertThat(ranks.several()).isFalse();
    assertThat(ranks.rank()).isZero();
    try (Collective alone = Collective.join(ranks, Device.CPU, e -> {})) {
      assertThat(alone.worldSize()).isEqualTo(1);
      assertThat(alone.sum(1, 2)).containsExactly(1, 2);
    }
  }

  @Test
  void readsTheVariablesOfTorchrun() {
    Ranks ranks =
        Ranks.of(
            Map.of(
                "RANK", "5",
                "WORLD_SIZE", "8",
                "LOCAL_RANK", "1",
                "MASTER_ADDR", "node0",
                "MASTER_PORT", "40000",
                "TORCHELASTIC_USE_AGENT_STORE", "True",
                "TORCHELASTIC_RESTART_COUNT", "2"));

    assertThat(ranks)
        .isEqualTo(new Ranks(5, 8, 1, new Ranks.Meeting("node0", 40000, true, 2, 300), 30));
    assertThat(ranks.device(Device.CPU)).isEqualTo(Device.CPU);
    assertThat(ranks.device(Device.cuda(0))).isEqualTo(Device.cuda(1));
  }

  @ParameterizedTest
  @CsvSource({
    "RANK, 2, 'RANK must be a number from 0 to 1'",
    "WORLD_SIZE, two, 'WORLD_SIZE must be a number from 1'",
    "MASTER_PORT, 70000, 'MASTER_PORT must be a number from 1 to 65535'",
    "ET_RANK_TIMEOUT_SECONDS, -1, 'ET_RANK_TIMEOUT_SECONDS must be'",
  })
  void refusesVariablesThatDoNotFit(String name, String value, String message) {
    Map<String, String> environment = new HashMap<>(Map.of("RANK", "0", "WORLD_SIZE", "2"));
    environment.put(name, value);

    assertThatThrownBy(() -> Ranks.of(environment))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining(message);
  }

  @Test
  void asksForTheRank() {
    assertThatThrownBy(() -> Ranks.of(Map.of("WORLD_SIZE", "2")))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("RANK is not set");
  }
}
