package org.efficienttrain.training.loop;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.efficienttrain.models.Network;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.optim.AdamW;
import org.efficienttrain.tensor.optim.Lamb;
import org.efficienttrain.tensor.optim.Lars;
import org.efficienttrain.tensor.optim.Optimizer;
import org.efficienttrain.tensor.optim.Parameter;
import org.efficienttrain.tensor.optim.Sgd;
import org.efficienttrain.training.recipe.Recipe;

/** The optimiser that a recipe names, for the parameters of a network. */
public final class Optimisers {
  private Optimisers() {}

  /** Builds it for the parameters that learn, outside any scope. */
  public static Optimizer create(Recipe recipe, Network network, Map<String, Tensor> named) {
    List<Parameter> parameters = parameters(recipe, network, named);
    return switch (recipe.optimizer()) {
      case SGD -> new Sgd(parameters, recipe.momentum(), true);
      case ADAMW -> new AdamW(parameters, recipe.momentum(), recipe.beta2(), recipe.epsilon());
      case LAMB -> new Lamb(parameters, recipe.momentum(), recipe.beta2(), recipe.epsilon());
      case LARS -> new Lars(parameters, recipe.momentum());
    };
  }

  /**
   * Says how each learns. No weight decay on vectors (biases, norms, scales) and on what the model
   * exempts; with layer decay d, layer i of n learns at d^(n - 1 - i) of the rate (BEiT; the
   * fine-tuning recipes of the paper's repository).
   */
  static List<Parameter> parameters(Recipe recipe, Network network, Map<String, Tensor> named) {
    Set<String> exempt = network.noWeightDecay();
    int layers = network.layerCount();
    return Parameter.list(
        named,
        name ->
            named.get(name).dim() <= 1 || name.endsWith(".bias") || exempt.contains(name)
                ? 0
                : recipe.weightDecay(),
        name ->
            recipe.layerDecay() == 1
                ? 1
                : Math.pow(recipe.layerDecay(), layers - 1.0 - network.layerIndex(name)));
  }
}
