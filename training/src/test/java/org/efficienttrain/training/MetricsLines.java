package org.efficienttrain.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The lines of a run's {@code metrics.jsonl}. */
final class MetricsLines {
  private static final ObjectMapper JSON = new ObjectMapper();

  private MetricsLines() {}

  /** All of them. */
  static List<JsonNode> of(Path run) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  /** Those of a kind, such as {@code step}. */
  static List<JsonNode> of(Path run, String kind) throws IOException {
    return of(run).stream().filter(line -> line.get("kind").asText().equals(kind)).toList();
  }

  /** Every line without what a clock has said. */
  static List<String> withoutClock(Path run) throws IOException {
    List<String> lines = new ArrayList<>();
    for (JsonNode line : of(run)) {
      ((ObjectNode) line).remove(List.of("imagesPerSecond", "waitingShare", "trainingSeconds"));
      lines.add(line.toString());
    }
    return lines;
  }
}
