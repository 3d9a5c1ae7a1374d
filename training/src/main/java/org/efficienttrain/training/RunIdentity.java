package org.efficienttrain.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.efficienttrain.training.recipe.Recipe;

/**
 * What a run is a run of. A run can only be resumed as the same.
 *
 * @param recipe every key of the recipe with its value
 * @param trainingImages fingerprint of the training images
 * @param validationImages fingerprint of the validation images
 */
record RunIdentity(Map<String, Object> recipe, String trainingImages, String validationImages) {

  static RunIdentity of(Recipe recipe, DataSplits data) {
    return new RunIdentity(
        recipe.toMap(), data.train().fingerprint(), data.validation().fingerprint());
  }

  /** In words, how this differs from what an earlier run was of; empty where it does not. */
  List<String> differences(RunIdentity earlier) {
    List<String> out = new ArrayList<>();
    Map<String, Object> all = new LinkedHashMap<>(earlier.recipe);
    all.putAll(recipe);
    for (String key : all.keySet()) {
      Object before = earlier.recipe.get(key);
      Object now = recipe.get(key);
      // A switch that an earlier version did not have was off.
      if (!same(before == null && now instanceof Boolean ? Boolean.FALSE : before, now)) {
        out.add("%s was %s and is %s".formatted(key, before, now));
      }
    }
    if (!trainingImages.equals(earlier.trainingImages)) {
      out.add("the training images are others");
    }
    if (!validationImages.equals(earlier.validationImages)) {
      out.add("the validation images are others");
    }
    return out;
  }

  /** A number read from JSON may have another Java type than the same number of a recipe. */
  private static boolean same(Object a, Object b) {
    return (a instanceof Number x && b instanceof Number y)
        ? x.doubleValue() == y.doubleValue()
        : Objects.equals(a, b);
  }
}
