package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Fresh weights against the laws that the official constructors follow: {@code golden/init.json}
 * holds the law of each parameter (constant, normal of a deviation, uniform within a limit).
 */
class InitialisationTest {
  private static final JsonNode LAWS = laws();

  private Backbone model;

  private static JsonNode laws() {
    try {
      return new ObjectMapper().readTree(Path.of("src/test/resources/golden/init.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<String> models() {
    return LAWS.properties().stream().map(Map.Entry::getKey);
  }

  @AfterEach
  void free() {
    model.close();
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyTensorFollowsItsLaw(String name) {
    Generator.seed(7);
    model = Backbones.create(name, 1000, 224);
    Map<String, Tensor> state = model.state();
    Set<String> wanted = new TreeSet<>();
    LAWS.get(name).properties().forEach(e -> wanted.add(e.getKey()));
    assertThat(new TreeSet<>(state.keySet())).isEqualTo(wanted);
    LAWS.get(name)
        .properties()
        .forEach(
            e ->
                check(
                    name + " " + e.getKey(),
                    state.get(e.getKey()),
                    e.getValue().get(0).asText(),
                    e.getValue().get(1).asDouble()));
  }

  private static void check(String name, Tensor t, String law, double value) {
    try (Scope scope = Scope.open()) {
      double smallest = t.detach().flatten(0, -1).amin(new long[] {0}, false).item();
      double largest = t.detach().flatten(0, -1).amax(new long[] {0}, false).item();
      if (law.equals("constant")) {
        assertThat(smallest).as(name).isEqualTo(largest).isEqualTo((float) value);
        return;
      }
      boolean normal = law.equals("normal");
      double std = normal ? value : value / Math.sqrt(3);
      double extreme = Math.max(largest, -smallest);
      double n = t.numel();
      assertThat(t.mean().item()).as(name).isCloseTo(0, within(5 * std / Math.sqrt(n)));
      // Standard error of a sample's deviation, from the kurtosis of each law.
      double error = std * Math.sqrt((normal ? 2 : 0.8) / (4 * n));
      double found = Math.sqrt(t.mul(t).mean().item());
      assertThat(found).as(name).isCloseTo(std, within(5 * error));
      if (!normal) {
        assertThat(extreme).as(name).isLessThanOrEqualTo(value * (1 + 1e-6));
      } else if (n > 1000) {
        // No uniform law of this deviation reaches so far; no draw of the normal law goes further.
        assertThat(extreme / std).as(name).isBetween(2.0, 6.0);
      }
    }
  }
}
