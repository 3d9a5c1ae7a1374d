package org.efficienttrain.training.run;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.images.dataset.CacheFolder;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.NetworkKernels;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.KernelChoices;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.loop.Trainer;

/** The implementations that a run's network computes with at each of its bandwidths. */
final class RunKernels {
  private RunKernels() {}

  /**
   * Chooses by measurement on the CPU, by the processor's rule elsewhere, and where the variable
   * {@code ET_KERNELS} says {@code rule}, or the system property {@code efficienttrain.kernels},
   * which goes before it.
   *
   * @param phases that the network is to run in
   * @throws UserError where it says anything else
   */
  static KernelChoices choose(Trainer trainer, Collection<Phase> phases) {
    boolean cpu = trainer.job().options().device().equals(Device.CPU);
    if (!cpu
        || byRule(System.getProperty("efficienttrain.kernels", System.getenv("ET_KERNELS")))
        || !(trainer.learner().network() instanceof Backbone network)) {
      return KernelChoices.NONE;
    }
    Map<Integer, Integer> batches = new TreeMap<>();
    phases.forEach(phase -> batches.merge(phase.bandwidth(), phase.microBatch(), Math::max));
    return NetworkKernels.choose(
        network, batches, trainer.job().recipe().precision().type(), CacheFolder.path());
  }

  /** Whether a setting says {@code rule} rather than {@code measured}, which none means too. */
  static boolean byRule(String setting) {
    return switch (setting == null ? "" : setting) {
      case "", "measured" -> false;
      case "rule" -> true;
      default ->
          throw new UserError(
              "ET_KERNELS must be rule or measured, not '%s'; measured is the default"
                  .formatted(setting));
    };
  }
}
