package org.efficienttrain.tensor;

import org.bytedeco.pytorch.AutoGradMode;

/** While open, operations on this thread record no gradient. */
public final class NoGrad implements AutoCloseable {
  static {
    Torch.start();
  }

  private final AutoGradMode mode = new AutoGradMode(false);

  private NoGrad() {}

  public static NoGrad open() {
    return new NoGrad();
  }

  @Override
  public void close() {
    mode.deallocate();
  }
}
