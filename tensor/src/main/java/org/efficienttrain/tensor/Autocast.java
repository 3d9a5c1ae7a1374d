package org.efficienttrain.tensor;

import org.bytedeco.pytorch.global.torch;

/**
 * While open, matrix products and convolutions on this thread run in a shorter type, as PyTorch's
 * {@code torch.autocast} does; weights and gradients stay in float32.
 *
 * <p>Open one per step around the forward pass. Closing restores the flags and clears libtorch's
 * cache of shortened weights; a loop that never closes would train on the weights of its first
 * step.
 */
public final class Autocast implements AutoCloseable {
  static {
    Torch.start();
  }

  private final Device device;
  private final boolean enabled;

  private Autocast(Device device, DType type) {
    this.device = device;
    this.enabled = type != DType.FLOAT32;
    if (enabled) {
      torch.set_autocast_dtype(device.deviceType(), type.scalarType());
      torch.set_autocast_enabled(device.deviceType(), true);
      torch.increment_nesting();
    }
  }

  /**
   * Opens a region.
   *
   * @param type {@link DType#BFLOAT16}, {@link DType#FLOAT16}, or {@link DType#FLOAT32} for no
   *     change
   */
  public static Autocast open(Device device, DType type) {
    return new Autocast(device, type);
  }

  @Override
  public void close() {
    if (enabled) {
      if (torch.decrement_nesting() == 0) {
        torch.clear_cache();
      }
      torch.set_autocast_enabled(device.deviceType(), false);
    }
  }
}
