package org.efficienttrain.models;

import java.nio.file.Path;
import java.util.Map;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.KernelCache;
import org.efficienttrain.tensor.KernelChoices;
import org.efficienttrain.tensor.KernelTuner;
import org.efficienttrain.tensor.Tensors;

/** The fastest implementations for a network on this processor. */
public final class NetworkKernels {
  private NetworkKernels() {}

  /**
   * Measures what is not remembered, in two to six seconds.
   *
   * @param network on the CPU; it is left in the mode it was in
   * @param batches images that pass at once, by their side in pixels
   * @param type in which it computes
   * @param folder where things are kept that can be made again
   */
  public static KernelChoices choose(
      Backbone network, Map<Integer, Integer> batches, DType type, Path folder) {
    boolean training = network.isTraining();
    KernelTuner tuner = new KernelTuner(type);
    network.eval();
    batches.forEach(
        (side, images) -> {
          // One image's windows are views where those of several are copies, in another layout.
          int few = images % 2 == 0 ? 2 : 1;
          tuner.watch(images / few, () -> network.forward(Tensors.zeros(few, 3, side, side)));
        });
    if (training) {
      network.train();
    }
    return tuner.choose(new KernelCache(folder));
  }
}
