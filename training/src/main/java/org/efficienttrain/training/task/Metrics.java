package org.efficienttrain.training.task;

import java.util.List;
import java.util.Locale;

/**
 * How well a network does on a set of images. The first metric is the one that decides which
 * weights are the best.
 *
 * @param images images shown
 * @param all at least one
 */
public record Metrics(long images, List<Metric> all) {
  /**
   * One number about a network.
   *
   * @param name as it stands in {@code metrics.jsonl}, such as {@code accuracy}
   * @param value a share in 0..1 where the name says no other unit
   * @param higherIsBetter its direction
   */
  public record Metric(String name, double value, boolean higherIsBetter) {
    /** A metric of which more is better, such as accuracy. */
    public static Metric rising(String name, double value) {
      return new Metric(name, value, true);
    }

    /** A metric of which less is better, such as a loss. */
    public static Metric falling(String name, double value) {
      return new Metric(name, value, false);
    }

    /** Whether this is better than an earlier value. */
    public boolean betterThan(double earlier) {
      return higherIsBetter ? value > earlier : value < earlier;
    }

    /** For people: shares in per cent, all else with four decimals. */
    public String text() {
      return name.toLowerCase(Locale.ROOT).endsWith("accuracy")
          ? String.format(Locale.ROOT, "%.2f%%", 100 * value)
          : String.format(Locale.ROOT, "%.4f", value);
    }
  }

  public Metrics {
    all = List.copyOf(all);
    if (all.isEmpty()) {
      throw new IllegalArgumentException("a network is measured by at least one metric");
    }
  }

  /** The metric that decides. */
  public Metric main() {
    return all.get(0);
  }

  /**
   * The value of a metric.
   *
   * @return NaN where there is none of that name
   */
  public double value(String name) {
    return all.stream()
        .filter(metric -> metric.name().equals(name))
        .mapToDouble(Metric::value)
        .findFirst()
        .orElse(Double.NaN);
  }
}
