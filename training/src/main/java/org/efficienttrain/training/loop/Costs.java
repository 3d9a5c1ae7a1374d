package org.efficienttrain.training.loop;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntToLongFunction;
import org.efficienttrain.curriculum.CostModel;
import org.efficienttrain.models.Networks;
import org.efficienttrain.training.recipe.Recipe;

/** What a recipe's plan counts as the cost of an image. */
final class Costs {
  /** The classifier is not what differs between bandwidths. */
  private static final int CLASSES = 1000;

  private Costs() {}

  static CostModel of(Recipe recipe) {
    if (recipe.cost() == Recipe.Cost.PIXELS) {
      return CostModel.pixels();
    }
    IntToLongFunction network = Networks.multiplyAdds(recipe.model(), CLASSES, recipe.imageSize());
    Map<Integer, Long> counted = new ConcurrentHashMap<>();
    return CostModel.flops(b -> counted.computeIfAbsent(b, network::applyAsLong));
  }
}
