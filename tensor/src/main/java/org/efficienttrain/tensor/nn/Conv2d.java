package org.efficienttrain.tensor.nn;

import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/** A convolution with a square kernel over (N, in, H, W). */
public final class Conv2d extends Layer {
  public final Tensor weight;

  /** Null without a bias. */
  public final Tensor bias;

  public final long stride;
  public final long padding;
  public final long groups;

  /**
   * What the kernel covers.
   *
   * @param kernel side of the square kernel
   * @param stride distance between its places
   * @param padding zeros around the image
   */
  public record Window(long kernel, long stride, long padding) {}

  /** A convolution with a bias and one group. */
  public Conv2d(long in, long out, long kernel, long stride, long padding) {
    this(in, out, new Window(kernel, stride, padding), 1, true);
  }

  /**
   * A convolution.
   *
   * @param groups in how many groups that do not meet the channels fall; divides both numbers
   */
  public Conv2d(long in, long out, Window window, long groups, boolean bias) {
    this.stride = window.stride;
    this.padding = window.padding;
    this.groups = groups;
    long kernel = window.kernel;
    long fanIn = in / groups * kernel * kernel;
    this.weight =
        parameter(
            "weight", Init.torchDefault(Tensors.zeros(out, in / groups, kernel, kernel), fanIn));
    this.bias = bias ? parameter("bias", Init.torchDefault(Tensors.zeros(out), fanIn)) : null;
  }

  @Override
  public Tensor forward(Tensor x) {
    return Functional.conv2d(x, weight, bias, stride, padding, groups);
  }
}
