package org.efficienttrain.training.recipe;

import org.efficienttrain.training.UserError;

/** Ranges of numbers in a recipe. */
final class RecipeChecks {
  /** A key with its value and the range it must lie in, both ends included. */
  record Range(String key, double value, double min, double max) {}

  private RecipeChecks() {}

  static void check(Range... ranges) {
    for (Range n : ranges) {
      if (!(n.value >= n.min && n.value <= n.max)) {
        throw new UserError(
            "%s must lie between %s and %s, not at %s"
                .formatted(n.key, plain(n.min), plain(n.max), plain(n.value)));
      }
    }
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.valueOf((long) value)
        : String.valueOf(value);
  }
}
