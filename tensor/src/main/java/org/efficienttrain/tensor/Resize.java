package org.efficienttrain.tensor;

import java.util.function.BiFunction;

/**
 * Resizing, antialiased unless asked otherwise, as two matrix products, so that it runs and
 * differentiates on every device.
 *
 * <p>With a kernel k stretched by s = max(1, in / out), row j of the matrix holds the weights k((i
 * + 0.5 - c) / s), c = (j + 0.5) in / out, normalised to sum to one: what {@code
 * torch.nn.functional.interpolate(antialias=True)} and Pillow compute.
 */
public final class Resize {
  /** The interpolation kernel. */
  public enum Kernel {
    BILINEAR(1, 0),
    /** Keys' cubic with a = -0.5, as PyTorch's antialiased form and Pillow have it. */
    BICUBIC(2, -0.5);

    private final double support;
    private final double a;

    Kernel(double support, double a) {
      this.support = support;
      this.a = a;
    }

    private double at(double x) {
      double t = Math.abs(x);
      if (t >= support) {
        return 0;
      }
      if (this == BILINEAR) {
        return 1 - t;
      }
      return cubic(t, a);
    }
  }

  /** Keys' cubic at 0 to 2. */
  private static double cubic(double t, double a) {
    return t < 1 ? ((a + 2) * t - (a + 3)) * t * t + 1 : (((t - 5) * t + 8) * t - 4) * a;
  }

  private Resize() {}

  /**
   * Resizes (N, C, H, W) to (N, C, height, width); the same size returns the same tensor. Every
   * input element has a share in the output, and so gets a gradient.
   */
  public static Tensor resize(Tensor x, long height, long width, Kernel kernel) {
    return resize(x, height, width, (in, out) -> matrix(in, out, kernel));
  }

  /**
   * The same without antialiasing, by Keys' cubic with a = -0.75 and the border repeated: {@code
   * torch.nn.functional.interpolate(mode="bicubic")}, with which the official repositories enlarge
   * tables of positions. Smaller sizes leave input elements out.
   */
  public static Tensor interpolate(Tensor x, long height, long width) {
    return resize(x, height, width, Resize::plain);
  }

  private static Tensor resize(
      Tensor x, long height, long width, BiFunction<Long, Long, Tensor> matrix) {
    Tensor out = x;
    if (x.size(2) != height) {
      out = matrix.apply(x.size(2), height).to(x.device(), x.dtype(), false).matmul(out);
    }
    if (x.size(3) != width) {
      Tensor columns = matrix.apply(x.size(3), width).to(x.device(), x.dtype(), false);
      out = out.matmul(columns.transpose(0, 1));
    }
    return out;
  }

  /** The (out, in) matrix of weights, in float64. */
  static Tensor matrix(long in, long out, Kernel kernel) {
    double[] weights = new double[(int) (in * out)];
    double scale = (double) in / out;
    double stretch = Math.max(1, scale);
    for (int j = 0; j < out; j++) {
      double centre = (j + 0.5) * scale;
      long first = Math.max(0, (long) (centre - kernel.support * stretch + 0.5));
      long last = Math.min(in, (long) (centre + kernel.support * stretch + 0.5));
      double sum = 0;
      for (long i = first; i < last; i++) {
        double w = kernel.at((i + 0.5 - centre) / stretch);
        weights[(int) (j * in + i)] = w;
        sum += w;
      }
      for (long i = first; i < last; i++) {
        weights[(int) (j * in + i)] /= sum;
      }
    }
    return Tensors.of(weights, out, in);
  }

  /** Four taps around each place; those beyond the border take the border's element. */
  private static Tensor plain(long in, long out) {
    double[] weights = new double[(int) (in * out)];
    for (int j = 0; j < out; j++) {
      double place = (j + 0.5) * in / out - 0.5;
      long first = (long) Math.floor(place) - 1;
      for (long i = first; i < first + 4; i++) {
        long element = Math.min(in - 1, Math.max(0, i));
        weights[(int) (j * in + element)] += cubic(Math.abs((double) i - place), -0.75);
      }
    }
    return Tensors.of(weights, out, in);
  }
}
