package org.efficienttrain.training.task;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.PretrainedWeights;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.io.WeightFile;
import org.efficienttrain.training.task.Task.Setting;

/** The weights that a classifier starts from. */
final class StartingWeights {
  private StartingWeights() {}

  /**
   * Loads them, and says what was done besides copying. The network keeps its own head where the
   * file's tells another number of classes apart, or by its own account others of the same number.
   */
  static void load(Backbone network, Setting setting) {
    try (WeightFile file = WeightFile.open(setting.weights())) {
      ModelMetadata own = ModelMetadata.read(file.metadata());
      boolean others =
          own != null && !own.classes().isEmpty() && !own.classes().equals(setting.classes());
      Map<String, Tensor> head = others ? copies(network) : Map.of();
      PretrainedWeights.load(network, file, true)
          .forEach(line -> setting.notes().accept(setting.weights() + ": " + line));
      if (others && own.classes().size() == setting.classes().size()) {
        setting
            .notes()
            .accept(
                "%s: its %d classes have other names: the head starts untrained"
                    .formatted(setting.weights(), own.classes().size()));
        restore(network, head);
      }
      head.values().forEach(Tensor::close);
    }
  }

  private static Map<String, Tensor> copies(Backbone network) {
    Set<String> names = network.headNames();
    Map<String, Tensor> out = new LinkedHashMap<>();
    try (NoGrad noGrad = NoGrad.open()) {
      network
          .namedParameters()
          .forEach(
              (name, t) -> {
                if (names.contains(name)) {
                  out.put(name, t.detach().copy());
                }
              });
    }
    return out;
  }

  private static void restore(Backbone network, Map<String, Tensor> head) {
    try (NoGrad noGrad = NoGrad.open()) {
      Map<String, Tensor> state = network.namedParameters();
      head.forEach((name, t) -> state.get(name).copy_(t));
    }
  }
}
