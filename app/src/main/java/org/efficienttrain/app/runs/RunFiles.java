package org.efficienttrain.app.runs;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.efficienttrain.training.UserError;

/** Where the files of runs lie, and the small ones of them. */
public final class RunFiles {
  /** Name of the folder of pictures in a run's. */
  public static final String SAMPLES = "samples";

  /** Picture of what a masked autoencoder makes of hidden images, in the run's folder itself. */
  public static final String RECONSTRUCTION = "reconstruction.png";

  /** Runs shown at most. */
  private static final int MAX_RUNS = 1000;

  /** How deep runs lie below a folder that is named. */
  private static final int DEPTH = 4;

  private static final long MAX_BYTES = 4 << 20;
  private static final Pattern PICTURE = Pattern.compile("[a-z0-9][a-z0-9.-]{0,60}\\.png");
  private static final TypeReference<LinkedHashMap<String, Object>> MAP = new TypeReference<>() {};
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final YAMLMapper YAML = new YAMLMapper();

  private RunFiles() {}

  /**
   * The runs in folders: a folder that is one itself, or those below it. What a link leads out of
   * the folder does not count.
   *
   * @return real paths in the order of their names
   * @throws UserError if a folder is none or cannot be read
   */
  public static List<Path> find(List<Path> folders) {
    List<Path> found = new ArrayList<>();
    for (Path folder : folders) {
      if (!Files.isDirectory(folder)) {
        throw new UserError("there is no folder " + folder + ": give the output folders of runs");
      }
      try (Stream<Path> below = Files.walk(folder.toRealPath(), DEPTH)) {
        below
            .filter(p -> Files.isDirectory(p) && isRun(p) && !found.contains(p))
            .sorted()
            .limit(MAX_RUNS)
            .forEach(found::add);
      } catch (IOException | UncheckedIOException e) {
        throw new UserError("cannot look through " + folder + ": " + e.getMessage(), e);
      }
    }
    return found;
  }

  /** The same, but none found is an error. */
  public static List<Path> require(List<Path> folders) {
    List<Path> found = find(folders);
    if (found.isEmpty()) {
      throw new UserError(
          "there is no run in %s: a run's folder holds metrics.jsonl; give the --out of './et train'"
              .formatted(folders.size() == 1 ? folders.get(0) : folders));
    }
    return found;
  }

  static boolean isRun(Path folder) {
    return Files.isRegularFile(folder.resolve("metrics.jsonl"))
        || Files.isRegularFile(folder.resolve("run.json"));
  }

  /** A JSON object of a run, empty where there is none. */
  public static Map<String, Object> json(Path file) throws IOException {
    return read(file, JSON);
  }

  /** A YAML mapping of a run, empty where there is none. */
  public static Map<String, Object> yaml(Path file) throws IOException {
    return read(file, YAML);
  }

  private static Map<String, Object> read(Path file, ObjectMapper mapper) throws IOException {
    if (!Files.isRegularFile(file)) {
      return Map.of();
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException(file.getFileName() + " is too large");
    }
    try {
      Map<String, Object> map = mapper.readValue(Files.readAllBytes(file), MAP);
      return map == null ? Map.of() : map;
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IOException(file.getFileName() + " is damaged", e);
    }
  }

  /** Names of a run's pictures: what came back of hidden images, and its samples, in order. */
  public static List<String> pictures(Path run) {
    List<String> names = new ArrayList<>();
    if (Files.isRegularFile(run.resolve(RECONSTRUCTION))) {
      names.add(RECONSTRUCTION);
    }
    try (Stream<Path> files = Files.list(run.resolve(SAMPLES))) {
      files
          .map(f -> f.getFileName().toString())
          .filter(n -> PICTURE.matcher(n).matches())
          .sorted()
          .limit(200)
          .forEach(names::add);
    } catch (IOException e) {
      // no samples
    }
    return names;
  }

  /**
   * One picture of a run.
   *
   * @return null where the name is none of {@link #pictures}, or the file lies elsewhere
   */
  public static byte[] picture(Path run, String name) throws IOException {
    if (!PICTURE.matcher(name).matches()) {
      return null;
    }
    Path file = path(run, name);
    if (!Files.isRegularFile(file)
        || Files.size(file) > 4 * MAX_BYTES
        || !file.toRealPath().startsWith(run.toRealPath())) {
      return null;
    }
    return Files.readAllBytes(file);
  }

  /** Where a picture of this name lies. */
  public static Path path(Path run, String name) {
    return (name.equals(RECONSTRUCTION) ? run : run.resolve(SAMPLES)).resolve(name);
  }
}
