package org.efficienttrain.training.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.efficienttrain.tensor.io.AtomicFile;
import org.efficienttrain.training.UserError;

/**
 * The file {@code journal.jsonl} of a search: what it searches, and a line for every finished
 * training. It is replaced as a whole, so that a crash leaves the old one or the new.
 */
final class SearchJournal {
  static final String FILE = "journal.jsonl";
  private static final long MAX_BYTES = 64 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  /**
   * A finished training.
   *
   * @param trial its {@link org.efficienttrain.curriculum.search.Trial#key}
   * @param run name of its folder
   * @param accuracy on the validation images, 0 to 1; null where training failed
   * @param seconds that it took
   * @param firstStep steps that another training had taken
   * @param equivalentEpochs its compute, in epochs at full bandwidth
   */
  record Entry(
      String trial,
      String run,
      Double accuracy,
      double seconds,
      long firstStep,
      double equivalentEpochs) {}

  private final Path file;
  private final Map<String, Object> settings;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /**
   * Opens the journal of a folder, or begins one.
   *
   * @param settings what decides the result
   * @throws UserError if the folder holds another search
   */
  SearchJournal(Path folder, Map<String, Object> settings) {
    this.file = folder.resolve(FILE);
    this.settings = plain(settings);
    if (Files.exists(file)) {
      read();
    } else {
      write();
    }
  }

  /** As they come back from JSON, to be compared. */
  private static Map<String, Object> plain(Map<String, Object> settings) {
    try {
      return JSON.readValue(JSON.writeValueAsString(settings), OBJECT);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void read() {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new UserError(file + " is too large to be the journal of a search");
      }
      List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      Map<String, Object> before = JSON.readValue(lines.isEmpty() ? "{}" : lines.get(0), OBJECT);
      refuseAnother(before);
      for (String line : lines.subList(1, lines.size())) {
        Entry entry = JSON.readValue(line, Entry.class);
        entries.put(entry.trial, entry);
      }
    } catch (IOException e) {
      throw new UserError(
          file + " is not the journal of a search: choose another folder with --out", e);
    }
  }

  private void refuseAnother(Map<String, Object> before) {
    List<String> differences = new ArrayList<>();
    compare(before, settings, differences);
    if (!differences.isEmpty()) {
      throw new UserError(
          "the folder %s holds another search: %s; give it the words that it began with, or choose another with --out"
              .formatted(file.getParent(), String.join("; ", differences)));
    }
  }

  /** In words, how settings differ: keys of a recipe one by one. */
  private static void compare(
      Map<String, Object> before, Map<String, Object> now, List<String> differences) {
    Set<String> keys = new LinkedHashSet<>(before.keySet());
    keys.addAll(now.keySet());
    for (String key : keys) {
      Object was = before.get(key);
      Object is = now.get(key);
      if (was instanceof Map<?, ?> && is instanceof Map<?, ?>) {
        compare(JSON.convertValue(was, OBJECT), JSON.convertValue(is, OBJECT), differences);
      } else if (!Objects.equals(was, is)) {
        differences.add(
            key.endsWith("Images")
                ? "its %s images are others".formatted(key.replace("Images", ""))
                : "%s was %s and is %s".formatted(key, was, is));
      }
    }
  }

  /** The training of that key, or null. */
  Entry entry(String trial) {
    return entries.get(trial);
  }

  /** Every finished training, in the order in which they ended. */
  List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  void add(Entry entry) {
    entries.put(entry.trial, entry);
    write();
  }

  private void write() {
    StringBuilder text = new StringBuilder();
    try {
      text.append(JSON.writeValueAsString(settings)).append('\n');
      for (Entry entry : entries.values()) {
        text.append(JSON.writeValueAsString(entry)).append('\n');
      }
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    AtomicFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
