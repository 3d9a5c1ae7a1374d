package org.efficienttrain.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.efficienttrain.tensor.TensorException;

/**
 * What an official implementation computed for a network filled by {@link GoldenFill}, in
 * evaluation mode, on a batch of {@code targets.size()} images of numbers in [-1, 1).
 *
 * @param model name of the network
 * @param imageSize side of the images and final size of the network, in pixels
 * @param classes number of outputs
 * @param parameters number of trained elements
 * @param parameters1000 the same with 1000 outputs
 * @param input the name that {@link GoldenFill#uniform} makes the images from
 * @param targets the true class of each image
 * @param logits all logits, image by image
 * @param loss the mean cross-entropy
 * @param state shape of every parameter and buffer, by name
 * @param gradientNorms Euclidean norm of the loss gradient of each parameter, by name
 */
public record GoldenFile(
    String model,
    int imageSize,
    int classes,
    long parameters,
    long parameters1000,
    String input,
    List<Long> targets,
    List<Double> logits,
    double loss,
    Map<String, List<Long>> state,
    Map<String, Double> gradientNorms) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Larger images or batches than any published network's would only fill the memory. */
  static final int MAX_IMAGE_SIZE = 1024;

  static final int MAX_BATCH = 64;
  private static final int MAX_CLASSES = 100_000;

  /** Takes a JSON tree apart, naming the key that does not fit. */
  record Reader(Path file, JsonNode root) {
    static Reader open(Path file) {
      try {
        return new Reader(file, JSON.readTree(file.toFile()));
      } catch (JsonProcessingException e) {
        throw new TensorException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
      } catch (IOException e) {
        throw new TensorException(file + " cannot be read: " + e.getMessage(), e);
      }
    }

    GoldenFile golden() {
      return new GoldenFile(
          get("model").asText(),
          (int) integer("image_size", MAX_IMAGE_SIZE),
          (int) integer("num_classes", MAX_CLASSES),
          integer("parameters", Long.MAX_VALUE),
          integer("parameters_1000_classes", Long.MAX_VALUE),
          get("input").asText(),
          targets(),
          elements(get("logits")).flatMap(row -> elements(row)).map(JsonNode::asDouble).toList(),
          get("loss").asDouble(),
          state(),
          gradientNorms());
    }

    private List<Long> targets() {
      List<Long> targets = elements(get("targets")).map(JsonNode::asLong).toList();
      long classes = integer("num_classes", MAX_CLASSES);
      if (targets.isEmpty()
          || targets.size() > MAX_BATCH
          || targets.stream().anyMatch(t -> t < 0 || t >= classes)) {
        throw wrong("targets");
      }
      return targets;
    }

    Map<String, List<Long>> state() {
      Map<String, List<Long>> state = new LinkedHashMap<>();
      elements(get("state"))
          .forEach(
              entry -> {
                if (entry.size() < 2) {
                  throw wrong("state");
                }
                state.put(
                    entry.get(0).asText(), elements(entry.get(1)).map(JsonNode::asLong).toList());
              });
      return Collections.unmodifiableMap(state);
    }

    Map<String, Double> gradientNorms() {
      Map<String, Double> norms = new LinkedHashMap<>();
      get("gradient_l2").properties().forEach(e -> norms.put(e.getKey(), e.getValue().asDouble()));
      return Collections.unmodifiableMap(norms);
    }

    static Stream<JsonNode> elements(JsonNode array) {
      return StreamSupport.stream(array.spliterator(), false);
    }

    long integer(String key, long max) {
      long value = get(key).asLong(-1);
      if (value < 1 || value > max) {
        throw wrong(key);
      }
      return value;
    }

    JsonNode get(String key) {
      JsonNode value = root.get(key);
      if (value == null) {
        throw new TensorException(file + " is no golden file of a model: it has no '" + key + "'");
      }
      return value;
    }

    TensorException wrong(String key) {
      return new TensorException(file + " has a value of '" + key + "' that makes no sense");
    }
  }
}
