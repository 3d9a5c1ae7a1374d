package org.efficienttrain.tensor;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which implementation computes an operation of which shape, where there are several: the result of
 * a {@link KernelTuner}, kept with a run so that its bits stay the same.
 *
 * <p>Keys are texts such as {@code linear 512x384->1536 float32}, values names such as {@code
 * convolution}. What is not listed goes by a rule for the processor.
 */
public final class KernelChoices {
  /** No choice: everything by the rule. */
  public static final KernelChoices NONE = new KernelChoices(Map.of());

  private static volatile KernelChoices active = NONE;

  private final Map<String, String> byShape;

  private KernelChoices(Map<String, String> byShape) {
    this.byShape = byShape;
  }

  /**
   * Choices from what {@link #toMap} gave; null for none. Names that are unknown go by the rule.
   */
  public static KernelChoices fromMap(Map<String, String> map) {
    return map == null || map.isEmpty() ? NONE : new KernelChoices(new TreeMap<>(map));
  }

  /** Implementation by shape, in the order of the shapes' texts. */
  public Map<String, String> toMap() {
    return new LinkedHashMap<>(byShape);
  }

  /** Makes every operation of this process from now on go by these. */
  public void use() {
    active = this;
  }

  /** What operations go by at present. */
  public static KernelChoices active() {
    return active;
  }

  /**
   * The implementation that a shape goes by at present: its own, else that of twice as many
   * samples, so that a batch which lost a few goes by the choice for the whole.
   *
   * @param rule the one where none is chosen
   */
  static <K extends Enum<K>> K chosen(KernelShape shape, K rule) {
    Map<String, String> choices = active.byShape;
    if (choices.isEmpty()) {
      return rule;
    }
    String name = choices.get(shape.text());
    K chosen =
        named(rule.getDeclaringClass(), name != null ? name : choices.get(shape.twice().text()));
    return chosen != null ? chosen : rule;
  }

  /** The implementation of a name, or null. */
  static <K extends Enum<K>> K named(Class<K> kernels, String name) {
    for (K kernel : kernels.getEnumConstants()) {
      if (nameOf(kernel).equals(name)) {
        return kernel;
      }
    }
    return null;
  }

  /** The name of an implementation. */
  static String nameOf(Enum<?> kernel) {
    return kernel.name().toLowerCase(Locale.ROOT);
  }

  /** One line, such as {@code linear: 12 convolution, 3 product; attention: 2 fused}. */
  public String summary() {
    Map<String, Map<String, Integer>> counts = new LinkedHashMap<>();
    byShape.forEach(
        (shape, name) ->
            counts
                .computeIfAbsent(shape.split(" ", 2)[0], k -> new TreeMap<>())
                .merge(name, 1, Integer::sum));
    StringBuilder line = new StringBuilder();
    counts.forEach(
        (operation, names) -> {
          line.append(line.isEmpty() ? "" : "; ").append(operation).append(": ");
          StringBuilder list = new StringBuilder();
          names.forEach(
              (name, count) ->
                  list.append(list.isEmpty() ? "" : ", ").append(count).append(' ').append(name));
          line.append(list);
        });
    return line.isEmpty() ? "by the rule for this processor" : line.toString();
  }
}
