package org.efficienttrain.training.recipe;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.efficienttrain.curriculum.Clock;
import org.efficienttrain.curriculum.Curricula;
import org.efficienttrain.curriculum.Curriculum;
import org.efficienttrain.curriculum.CurriculumException;
import org.efficienttrain.curriculum.Nearest;
import org.efficienttrain.curriculum.Stage;
import org.efficienttrain.training.UserError;

/**
 * A curriculum as a file in YAML: {@code clock}, {@code imageSize} and {@code stages}, each with
 * {@code bandwidth}, {@code share} and, if need be, {@code magnitude} and {@code replay}. What
 * {@code found} says of where it comes from is for people.
 *
 * <p>A recipe keeps what a file says and not its name, so that a run does not need the file again.
 */
public final class CurriculumFile {
  private static final int MAX_STAGES = 1000;
  private static final Set<String> KEYS = Set.of("clock", "imageSize", "stages", "found");
  private static final Set<String> STAGE_KEYS = Set.of("bandwidth", "share", "magnitude", "replay");

  private CurriculumFile() {}

  /** Whether a text names a file rather than a curriculum. */
  static boolean isName(String text) {
    String name = text.strip().toLowerCase(Locale.ROOT);
    return name.endsWith(".yaml") || name.endsWith(".yml");
  }

  /**
   * The curriculum of a file, or of that name, or that is written out.
   *
   * @throws UserError if the file is wrong
   * @throws CurriculumException if there is no such curriculum
   */
  public static Curriculum named(String text) {
    return isName(text) ? read(Path.of(text.strip())) : Curricula.of(text);
  }

  /**
   * Reads a file.
   *
   * @throws UserError in a sentence that says what is wrong, and where
   */
  public static Curriculum read(Path file) {
    Map<String, Object> keys = YamlText.read(file, "curriculum");
    check(keys, KEYS, file.toString());
    Clock clock = clock(keys.getOrDefault("clock", "epochs"), file);
    int size = number(keys, "imageSize", file.toString(), Integer.class, null);
    if (!(keys.get("stages") instanceof List<?> list)
        || list.isEmpty()
        || list.size() > MAX_STAGES) {
      throw new UserError(file + ": stages must be a list of 1 to " + MAX_STAGES + " stages");
    }
    List<Stage> stages = new ArrayList<>();
    for (Object written : list) {
      stages.add(stage(written, file + ": stage " + (stages.size() + 1)));
    }
    int last = stages.get(stages.size() - 1).bandwidth();
    if (last != size) {
      throw new UserError(
          "%s: stage %d, the last, has bandwidth %d, but the last must be full, which is the imageSize %d"
              .formatted(file, stages.size(), last, size));
    }
    try {
      return new Curriculum(name(file), clock, stages);
    } catch (CurriculumException e) {
      throw new UserError(file + ": " + e.getMessage(), e);
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName()).replaceFirst("\\.ya?ml$", "");
  }

  private static void check(Map<?, ?> keys, Set<String> known, String where) {
    for (Object key : keys.keySet()) {
      if (!known.contains(String.valueOf(key))) {
        throw new UserError(
            "%s: there is no key '%s'; did you mean '%s'?"
                .formatted(where, key, Nearest.of(String.valueOf(key), known)));
      }
    }
  }

  private static Clock clock(Object word, Path file) {
    for (Clock clock : Clock.values()) {
      if (clock.word().equals(word)) {
        return clock;
      }
    }
    throw new UserError(file + ": clock must be epochs or compute, not '" + word + "'");
  }

  private static Stage stage(Object written, String where) {
    if (!(written instanceof Map<?, ?> keys)) {
      throw new UserError(
          where
              + " must be keys and values such as {bandwidth: 160, share: 0.6}, not '"
              + written
              + "'");
    }
    check(keys, STAGE_KEYS, where);
    int bandwidth = number(keys, "bandwidth", where, Integer.class, null);
    double share = number(keys, "share", where, Double.class, null);
    double magnitude = number(keys, "magnitude", where, Double.class, 9.0);
    int replay = number(keys, "replay", where, Integer.class, 1);
    try {
      return Stage.of(bandwidth, share, magnitude).withReplay(replay);
    } catch (CurriculumException e) {
      throw new UserError(where + ": " + e.getMessage(), e);
    }
  }

  /** A number of a type; null as the value to be had otherwise means that it must be there. */
  private static <T extends Number> T number(
      Map<?, ?> keys, String key, String where, Class<T> type, T otherwise) {
    Object value = keys.get(key);
    if (value == null && otherwise != null && !keys.containsKey(key)) {
      return otherwise;
    }
    if (type == Double.class && value instanceof Number n) {
      return type.cast(n.doubleValue());
    }
    if (type == Integer.class && value instanceof Integer) {
      return type.cast(value);
    }
    String wanted = type == Double.class ? "a number" : "a whole number";
    throw new UserError(
        value == null
            ? where + " has no " + key + ": give " + wanted
            : "%s: %s must be %s, not '%s'".formatted(where, key, wanted, value));
  }

  /**
   * The text of a file that {@link #read} reads back.
   *
   * @param found where it comes from, by name; left out where empty
   */
  public static String write(Curriculum curriculum, Map<String, Object> found) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("clock", curriculum.clock().word());
    out.put("imageSize", curriculum.imageSize());
    List<Map<String, Object>> stages = new ArrayList<>();
    for (Stage stage : curriculum.stages()) {
      Map<String, Object> keys = new LinkedHashMap<>();
      keys.put("bandwidth", stage.bandwidth());
      keys.put("share", stage.share());
      keys.put("magnitude", stage.magnitude());
      if (stage.replay() > 1) {
        keys.put("replay", stage.replay());
      }
      stages.add(keys);
    }
    out.put("stages", stages);
    if (!found.isEmpty()) {
      out.put("found", found);
    }
    try {
      return new String(new YAMLMapper().writeValueAsBytes(out), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
