package org.efficienttrain.app;

import java.util.Locale;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Torch;
import org.efficienttrain.training.UserError;
import picocli.CommandLine.Option;

/** The options of what a command computes on. */
final class MachineOptions {
  @Option(
      names = "--device",
      paramLabel = "D",
      defaultValue = "cpu",
      description = "cpu, cuda or cuda:N (default: ${DEFAULT-VALUE})")
  private String device;

  @Option(names = "--threads", paramLabel = "N", description = "threads (default: all cores)")
  private Integer threads;

  /**
   * The device asked for.
   *
   * @throws org.efficienttrain.tensor.TensorException if there is none of that name
   */
  Device device() {
    return Device.parse(device.toLowerCase(Locale.ROOT));
  }

  /** The threads asked for, or null. */
  Integer threads() {
    return threads;
  }

  /** Lets operations use the threads asked for. */
  void useThreads() {
    if (threads == null) {
      return;
    }
    if (threads < 1 || threads > 1024) {
      throw new UserError("--threads must be 1 to 1024, not " + threads);
    }
    Torch.setThreads(threads);
  }
}
