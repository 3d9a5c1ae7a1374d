package org.efficienttrain.app.runs;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers by name, row after row, kept as arrays: some tens of bytes for a row where a map of its
 * own takes a thousand. Rows can be added and read, not changed.
 */
final class NumberTable extends AbstractList<Map<String, Double>> {
  private final List<String> names = new ArrayList<>();
  private final List<double[]> rows = new ArrayList<>();

  /** Adds a row; a number that is NaN is left out. */
  @Override
  public boolean add(Map<String, Double> row) {
    for (String name : row.keySet()) {
      if (!names.contains(name)) {
        names.add(name);
      }
    }
    double[] numbers = new double[names.size()];
    Arrays.setAll(numbers, i -> row.getOrDefault(names.get(i), Double.NaN));
    rows.add(numbers);
    return true;
  }

  @Override
  public Map<String, Double> get(int index) {
    double[] numbers = rows.get(index);
    Map<String, Double> row = new LinkedHashMap<>();
    for (int i = 0; i < numbers.length; i++) {
      if (!Double.isNaN(numbers[i])) {
        row.put(names.get(i), numbers[i]);
      }
    }
    return row;
  }

  @Override
  public int size() {
    return rows.size();
  }
}
