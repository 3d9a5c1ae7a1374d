package org.efficienttrain.tensor.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.efficienttrain.tensor.Tensor;

/**
 * A trained tensor and how to train it.
 *
 * @param weightDecay decay per unit of learning rate
 * @param learningRateScale factor of the learning rate, such as layer-wise decay
 */
public record Parameter(String name, Tensor tensor, double weightDecay, double learningRateScale) {
  /**
   * All parameters of a network.
   *
   * @param weightDecay decay as a function of the name
   * @param learningRateScale factor of the learning rate as a function of the name
   */
  public static List<Parameter> list(
      Map<String, Tensor> named,
      ToDoubleFunction<String> weightDecay,
      ToDoubleFunction<String> learningRateScale) {
    List<Parameter> out = new ArrayList<>();
    named.forEach(
        (name, t) ->
            out.add(
                new Parameter(
                    name,
                    t,
                    weightDecay.applyAsDouble(name),
                    learningRateScale.applyAsDouble(name))));
    return out;
  }
}
