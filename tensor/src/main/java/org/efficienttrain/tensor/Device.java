package org.efficienttrain.tensor;

import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * Where a tensor lives.
 *
 * @param type {@code cpu}, {@code cuda}, or {@code meta} (shapes without data: for counting)
 * @param index which GPU, from 0; 0 for the others
 */
public record Device(String type, int index) {
  public static final Device CPU = new Device("cpu", 0);
  public static final Device META = new Device("meta", 0);

  public Device {
    if (!type.equals("cpu") && !type.equals("cuda") && !type.equals("meta")) {
      throw new TensorException("device '" + type + "' is unknown; use cpu, cuda or cuda:N");
    }
  }

  /** The {@code index}-th GPU. */
  public static Device cuda(int index) {
    return new Device("cuda", index);
  }

  /**
   * Reads {@code cpu}, {@code cuda} or {@code cuda:1}, and checks that the device can be used.
   *
   * @throws TensorException if there is no such device, saying what is missing
   */
  public static Device parse(String text) {
    String[] parts = text.split(":", 2);
    Device device;
    try {
      device = new Device(parts[0], parts.length == 1 ? 0 : Integer.parseInt(parts[1]));
    } catch (NumberFormatException e) {
      throw new TensorException("device '" + text + "' is unknown; use cpu, cuda or cuda:N", e);
    }
    if (device.isCuda()) {
      Torch.useCuda(device.index());
    }
    return device;
  }

  public boolean isCuda() {
    return type.equals("cuda");
  }

  DeviceType deviceType() {
    return switch (type) {
      case "cuda" -> DeviceType.CUDA;
      case "meta" -> DeviceType.Meta;
      default -> DeviceType.CPU;
    };
  }

  org.bytedeco.pytorch.Device pointer() {
    return new org.bytedeco.pytorch.Device(deviceType(), (byte) (isCuda() ? index : -1));
  }

  static Device of(org.bytedeco.pytorch.Device device) {
    return switch (device.type().intern()) {
      case CUDA -> cuda(Math.max(0, device.index()));
      case Meta -> META;
      default -> CPU;
    };
  }

  @Override
  public String toString() {
    return isCuda() ? type + ":" + index : type;
  }
}
