package org.efficienttrain.tensor.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How the names and shapes of a file compare with those that a model expects.
 *
 * @param missing expected names that the file lacks, in the model's order
 * @param unexpected names of the file that the model lacks, in the file's order
 * @param misshapen names that both have, with different shapes
 */
public record StateMatch(List<String> missing, List<String> unexpected, List<Misshapen> misshapen) {
  private static final int MOST_NAMES_SHOWN = 5;

  /** A name whose shape in the file differs from the expected one. */
  public record Misshapen(String name, List<Long> expected, List<Long> found) {
    /** As in {@code head.weight (file 1000x384, model 10x384)}. */
    @Override
    public String toString() {
      return String.format(
          "%s (file %s, model %s)",
          Faults.printable(name, 80), Shapes.text(found), Shapes.text(expected));
    }
  }

  public StateMatch {
    missing = List.copyOf(missing);
    unexpected = List.copyOf(unexpected);
    misshapen = List.copyOf(misshapen);
  }

  /**
   * Compares two states.
   *
   * @param expected shape by name, as the model has it
   * @param found shape by name, as the file has it
   */
  public static StateMatch of(Map<String, List<Long>> expected, Map<String, List<Long>> found) {
    List<String> missing = new ArrayList<>();
    List<Misshapen> misshapen = new ArrayList<>();
    expected.forEach(
        (name, shape) -> {
          List<Long> other = found.get(name);
          if (other == null) {
            missing.add(name);
          } else if (!other.equals(shape)) {
            misshapen.add(new Misshapen(name, shape, other));
          }
        });
    List<String> unexpected = new ArrayList<>(found.keySet());
    unexpected.removeIf(expected::containsKey);
    return new StateMatch(missing, unexpected, misshapen);
  }

  /** True if the file has exactly the expected names and shapes. */
  public boolean isExact() {
    return missing.isEmpty() && unexpected.isEmpty() && misshapen.isEmpty();
  }

  /** One sentence with every kind of difference and the first names of each. */
  public String sentence(Path file) {
    List<String> parts = new ArrayList<>();
    add(parts, "missing", missing);
    add(parts, "unexpected", unexpected);
    add(parts, "of another shape", misshapen);
    return file + " does not fit the model: " + String.join("; ", parts);
  }

  private static void add(List<String> parts, String what, List<?> names) {
    if (names.isEmpty()) {
      return;
    }
    StringBuilder part = new StringBuilder().append(names.size()).append(' ').append(what);
    for (int i = 0; i < Math.min(names.size(), MOST_NAMES_SHOWN); i++) {
      part.append(i == 0 ? ": " : ", ").append(Faults.printable(names.get(i).toString(), 160));
    }
    if (names.size() > MOST_NAMES_SHOWN) {
      part.append(", and ").append(names.size() - MOST_NAMES_SHOWN).append(" more");
    }
    parts.add(part.toString());
  }
}
