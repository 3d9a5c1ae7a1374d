package org.efficienttrain.tensor;

/**
 * While open, factories of constants that name no device ({@link Tensors#zeros(long...)}, {@link
 * Tensors#ones}) use this one on this thread, as {@code with torch.device(...)} does.
 *
 * <p>Networks built while {@link Device#META} is open have shapes without data: a network of any
 * size in milliseconds, to be counted or compared.
 */
public final class DefaultDevice implements AutoCloseable {
  private static final ThreadLocal<Device> CURRENT = ThreadLocal.withInitial(() -> Device.CPU);

  private final Device before;

  private DefaultDevice(Device device) {
    this.before = CURRENT.get();
    CURRENT.set(device);
  }

  /** Opens a region; regions nest. */
  public static DefaultDevice open(Device device) {
    return new DefaultDevice(device);
  }

  static Device current() {
    return CURRENT.get();
  }

  /** Restores what was in force before. */
  @Override
  public void close() {
    CURRENT.set(before);
  }
}
