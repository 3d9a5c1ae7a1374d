package org.efficienttrain.images.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.images.ImageException;

/**
 * Labels of WebDataset shards: beside {@code key.jpg} lies {@code key.cls} with a number as text,
 * or {@code key.json} with a number under one of a few names. The key ends at the first dot of the
 * file name.
 */
final class TarLabels {
  /** ImageNet-22K has 21,841 classes; a larger number is no label but a mistake. */
  static final int LARGEST_LABEL = 65_535;

  private static final List<String> JSON_FIELDS = List.of("label", "cls", "class", "class_id");
  private static final int LARGEST_FILE = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Integer> labels = new HashMap<>();

  /** Takes the label if the file is one. */
  void visit(String archive, String path, TarScanner.Content content) throws IOException {
    String extension = ImageFiles.extension(path);
    if (extension.equals("cls")) {
      String text = new String(content.read(LARGEST_FILE), StandardCharsets.UTF_8).strip();
      labels.put(key(path), checked(text, archive, path));
    } else if (extension.equals("json")) {
      JsonNode label = labelIn(content.read(LARGEST_FILE), archive, path);
      if (label != null) {
        labels.putIfAbsent(key(path), checked(label.asText(), archive, path));
      }
    }
  }

  boolean isEmpty() {
    return labels.isEmpty();
  }

  /** The label of an image, or null when it has none. */
  Integer of(String path) {
    return labels.get(key(path));
  }

  private static JsonNode labelIn(byte[] file, String archive, String path) throws IOException {
    try {
      JsonNode json = JSON.readTree(file);
      for (String field : JSON_FIELDS) {
        if (json.path(field).isIntegralNumber()) {
          return json.get(field);
        }
      }
      return null;
    } catch (JsonProcessingException e) {
      throw new ImageException("%s in %s is not valid JSON".formatted(path, archive), e);
    }
  }

  private static int checked(String text, String archive, String path) {
    int label = -1;
    try {
      label = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      // Reported with the others.
    }
    if (label < 0 || label > LARGEST_LABEL) {
      String shown = text.length() > 30 ? text.substring(0, 30) + "..." : text;
      throw new ImageException(
          "%s in %s has the label \"%s\", not a number in 0..%d"
              .formatted(path, archive, shown.replaceAll("\\p{Cntrl}", " "), LARGEST_LABEL));
    }
    return label;
  }

  private static String key(String path) {
    int dot = path.indexOf('.', path.lastIndexOf('/') + 1);
    return dot < 0 ? path : path.substring(0, dot);
  }
}
