package org.efficienttrain.tensor.nn;

import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Tensor;

/** Initial values, as {@code torch.nn.init} names them. Each fills the tensor and returns it. */
public final class Init {
  /** The largest float32 below 1: a uniform draw of exactly -1 would become a weight of -2. */
  private static final double NEAREST_TO_ONE = 1 - 0x1p-24;

  private Init() {}

  /** Normal with the given deviation, cut off at -2 and 2 (absolute, as timm's trunc_normal_). */
  public static Tensor truncatedNormal(Tensor t, double std) {
    // Inverse of the normal distribution function over the part that is kept.
    double low = cdf(-2 / std);
    double high = cdf(2 / std);
    try (NoGrad noGrad = NoGrad.open()) {
      return t.uniform_(2 * low - 1, 2 * high - 1)
          .clamp_(-NEAREST_TO_ONE, NEAREST_TO_ONE)
          .erfinv_()
          .mul_(std * Math.sqrt(2))
          .clamp_(-2, 2);
    }
  }

  private static double cdf(double x) {
    // Beyond 6 deviations the distribution function is 0 or 1 to float32's accuracy.
    return x <= -6 ? 0 : x >= 6 ? 1 : 0.5 * (1 + erf(x / Math.sqrt(2)));
  }

  /** Abramowitz and Stegun 7.1.26 by its series; |error| below 1e-12 for |x| under 6. */
  private static double erf(double x) {
    double sum = x;
    double term = x;
    for (int n = 1; n < 200; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  public static Tensor normal(Tensor t, double std) {
    try (NoGrad noGrad = NoGrad.open()) {
      return t.normal_(0, std);
    }
  }

  public static Tensor uniform(Tensor t, double bound) {
    try (NoGrad noGrad = NoGrad.open()) {
      return t.uniform_(-bound, bound);
    }
  }

  public static Tensor constant(Tensor t, double value) {
    try (NoGrad noGrad = NoGrad.open()) {
      return t.fill_(value);
    }
  }

  /** Normal with deviation sqrt(2 / fan_out) (He et al. 2015), for convolutions before a ReLU. */
  public static Tensor kaimingNormalFanOut(Tensor t, long groups) {
    long fanOut = t.size(0) * t.size(2) * t.size(3) / groups;
    return normal(t, Math.sqrt(2.0 / fanOut));
  }

  /**
   * PyTorch's default for linear and convolution weights and biases: uniform within 1/sqrt(fan_in).
   */
  public static Tensor torchDefault(Tensor t, long fanIn) {
    return uniform(t, 1 / Math.sqrt((double) fanIn));
  }

  /** Uniform within sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010). */
  public static Tensor xavierUniform(Tensor t) {
    long receptive = t.numel() / (t.size(0) * t.size(1));
    return uniform(t, Math.sqrt(6.0 / (double) ((t.size(0) + t.size(1)) * receptive)));
  }
}
