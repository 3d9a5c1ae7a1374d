package org.efficienttrain.training.task;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.training.recipe.Recipe.Trained;

/** Which parameters of a network learn. */
final class Learning {
  private Learning() {}

  /** The parameters that learn, by name; the others record no gradient from now on. */
  static Map<String, Tensor> of(Trained trained, Backbone network) {
    Map<String, Tensor> all = network.namedParameters();
    if (trained == Trained.ALL) {
      return all;
    }
    Set<String> head = network.headNames();
    Map<String, Tensor> out = new LinkedHashMap<>();
    all.forEach(
        (name, t) -> {
          if (head.contains(name) || (trained == Trained.HEAD_AND_NORMS && isNorm(name, all))) {
            out.put(name, t);
          } else {
            t.requiresGrad_(false);
          }
        });
    return Collections.unmodifiableMap(out);
  }

  /** Scale or shift of a normalisation: the weight of no other layer is a vector. */
  private static boolean isNorm(String name, Map<String, Tensor> all) {
    String layer = name.substring(0, name.lastIndexOf('.') + 1);
    Tensor scale = all.get(layer + "weight");
    boolean either = name.equals(layer + "weight") || name.equals(layer + "bias");
    return either && scale != null && scale.dim() == 1;
  }
}
