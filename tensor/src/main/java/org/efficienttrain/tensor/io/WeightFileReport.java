package org.efficienttrain.tensor.io;

import java.util.Locale;
import java.util.Map;

/** The text that shows a person what a weight file holds. */
public final class WeightFileReport {
  private static final int LONGEST_NAME = 120;
  private static final int LONGEST_METADATA = 500;

  private WeightFileReport() {}

  /**
   * Describes an open file: format, state, metadata, one line for each tensor with type, shape and
   * bytes, and the totals. No tensor is read.
   */
  public static String text(WeightFile file) {
    StringBuilder out = new StringBuilder();
    out.append(file.path()).append(": ").append(file.format()).append('\n');
    if (!file.state().isEmpty() || file.states().size() > 1) {
      out.append("states: ");
      for (String state : file.states()) {
        String name = state.isEmpty() ? "(top level)" : Faults.printable(state, LONGEST_NAME);
        out.append(name).append(state.equals(file.state()) ? " (shown)  " : "  ");
      }
      out.append('\n');
    }
    if (!file.prefix().isEmpty()) {
      out.append("names stripped of: ").append(file.prefix()).append('\n');
    }
    file.metadata()
        .forEach(
            (key, value) ->
                out.append("metadata: ")
                    .append(Faults.printable(key, LONGEST_NAME))
                    .append(" = ")
                    .append(Faults.printable(value, LONGEST_METADATA))
                    .append('\n'));
    appendTensors(out, file.tensors());
    return out.toString();
  }

  private static void appendTensors(StringBuilder out, Map<String, TensorInfo> tensors) {
    int width =
        tensors.keySet().stream()
            .mapToInt(name -> Faults.printable(name, LONGEST_NAME).length())
            .max()
            .orElse(0);
    long elements = 0;
    long bytes = 0;
    for (TensorInfo tensor : tensors.values()) {
      String line =
          String.format(
              Locale.ROOT,
              "%-" + Math.max(1, width) + "s  %-8s  %-16s %,d bytes",
              Faults.printable(tensor.name(), LONGEST_NAME),
              tensor.dtype().name().toLowerCase(Locale.ROOT),
              Shapes.text(tensor.shape()),
              tensor.bytes());
      out.append(line).append('\n');
      elements = Math.addExact(elements, tensor.elements());
      bytes = Math.addExact(bytes, tensor.bytes());
    }
    out.append(
        String.format(
            Locale.ROOT, "%d tensors, %,d elements, %,d bytes%n", tensors.size(), elements, bytes));
  }
}
