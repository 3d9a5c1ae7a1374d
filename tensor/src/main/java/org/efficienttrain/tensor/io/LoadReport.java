package org.efficienttrain.tensor.io;

import java.util.ArrayList;
import java.util.List;

/**
 * What loading did.
 *
 * @param copied number of tensors taken as they were
 * @param newHead names that kept the model's own values
 * @param resized tables that were resized
 * @param dropped names of the file that were not needed
 */
public record LoadReport(
    int copied, List<String> newHead, List<StateMatch.Misshapen> resized, List<String> dropped) {

  public LoadReport {
    newHead = List.copyOf(newHead);
    resized = List.copyOf(resized);
    dropped = List.copyOf(dropped);
  }

  /** One line for each thing done besides copying; empty where nothing was. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (StateMatch.Misshapen table : resized) {
      lines.add(
          String.format(
              "resized %s from %s to %s",
              Faults.printable(table.name(), 80),
              Shapes.text(table.found()),
              Shapes.text(table.expected())));
    }
    if (!newHead.isEmpty()) {
      lines.add("a new head: " + String.join(", ", newHead) + " start untrained");
    }
    if (!dropped.isEmpty()) {
      lines.add("left out " + dropped.size() + " tensors that the model computes itself");
    }
    return lines;
  }
}
