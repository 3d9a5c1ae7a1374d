package org.efficienttrain.tensor;

import static org.efficienttrain.tensor.Ops.call;
import static org.efficienttrain.tensor.Ops.optional;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * The functions that networks are made of, named as in {@code torch.nn.functional}.
 *
 * <p>Images are (N, C, H, W). A parameter marked optional may be null.
 */
public final class Functional {
  static {
    Torch.start();
  }

  private Functional() {}

  /**
   * Convolution of (N, Cin, H, W) with a weight (Cout, Cin / groups, Kh, Kw).
   *
   * @param bias (Cout), optional
   */
  public static Tensor conv2d(
      Tensor x, Tensor weight, Tensor bias, long stride, long padding, long groups) {
    return conv2d(
        x,
        weight,
        bias,
        new long[] {stride, stride},
        new long[] {padding, padding},
        new long[] {1, 1},
        groups);
  }

  /** Convolution with everything per axis (height, width). */
  public static Tensor conv2d(
      Tensor x,
      Tensor weight,
      Tensor bias,
      long[] stride,
      long[] padding,
      long[] dilation,
      long groups) {
    return call(
        "conv2d",
        () -> {
          if (x.pointer().is_meta()) { // libtorch has no kernel for the shapes alone
            return torch.empty(
                new long[] {
                  x.size(0),
                  weight.size(0),
                  convolved(x.size(2), weight.size(2), stride[0], padding[0], dilation[0]),
                  convolved(x.size(3), weight.size(3), stride[1], padding[1], dilation[1])
                },
                x.pointer().options(),
                new org.bytedeco.pytorch.MemoryFormatOptional());
          }
          return RoundedProducts.of(
              Arrays.asList(x, weight, bias),
              in -> convolve(in, stride, padding, dilation, groups));
        },
        x,
        weight,
        bias,
        stride,
        padding,
        dilation,
        groups);
  }

  private static org.bytedeco.pytorch.Tensor convolve(
      List<Tensor> inputs, long[] stride, long[] padding, long[] dilation, long groups) {
    Tensor x = inputs.get(0);
    Tensor weight = inputs.get(1);
    try (TensorOptional bias = optional(inputs.get(2))) {
      if (DepthwiseKernel.isOne(x, weight, stride, padding, dilation, groups)) {
        return DepthwiseKernel.apply(x, weight, bias);
      }
      return ConvolutionKernel.isOne(x, weight, stride, padding, dilation, groups)
          ? ConvolutionKernel.apply(x, weight, bias, stride[0], padding[0])
          : torch.conv2d(x.pointer(), weight.pointer(), bias, stride, padding, dilation, groups);
    }
  }

  /** How many places a kernel has along an axis. */
  static long convolved(long size, long kernel, long stride, long padding, long dilation) {
    return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
  }

  /**
   * (..., in) times a weight (out, in) transposed, plus a bias.
   *
   * @param bias (out), optional
   */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    return call(
        "linear",
        () ->
            RoundedProducts.of(
                Arrays.asList(x, weight, bias),
                in -> {
                  try (TensorOptional b = optional(in.get(2))) {
                    return LinearKernel.apply(in.get(0), in.get(1), b);
                  }
                }),
        x,
        weight,
        bias);
  }

  /** Layer normalisation over the last dimension; weight and bias (C), each optional. */
  public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
    return call(
        "layer_norm",
        () -> {
          if (x.pointer().is_meta()) {
            return torch.empty_like(x.pointer());
          }
          try (TensorOptional w = optional(weight);
              TensorOptional b = optional(bias)) {
            return torch.layer_norm(x.pointer(), new long[] {x.size(-1)}, w, b, eps, true);
          }
        },
        x,
        weight,
        bias,
        eps);
  }

  /**
   * Batch normalisation over all but dimension 1.
   *
   * @param training use and update the batch's statistics, rather than the running ones
   * @param momentum the share of the new batch in the running statistics
   */
  public static Tensor batchNorm(
      Tensor x,
      Tensor weight,
      Tensor bias,
      Tensor runningMean,
      Tensor runningVar,
      boolean training,
      double momentum,
      double eps) {
    return call(
        "batch_norm",
        () -> {
          if (x.pointer().is_meta()) {
            return torch.empty_like(x.pointer());
          }
          try (TensorOptional w = optional(weight);
              TensorOptional b = optional(bias);
              TensorOptional m = optional(runningMean);
              TensorOptional v = optional(runningVar)) {
            return torch.batch_norm(x.pointer(), w, b, m, v, training, momentum, eps, true);
          }
        },
        x,
        weight,
        bias,
        runningMean,
        runningVar,
        training,
        momentum,
        eps);
  }

  /** The positive part; its memory is that of the argument, which must not be used again. */
  public static Tensor reluInPlace(Tensor x) {
    return call("relu", () -> new org.bytedeco.pytorch.Tensor(torch.relu_(x.pointer())), x);
  }

  /** The sum; its memory is that of the first argument, which must not be used again. */
  public static Tensor addInPlace(Tensor x, Tensor y) {
    return call("add", () -> new org.bytedeco.pytorch.Tensor(x.pointer().add_(y.pointer())), x, y);
  }

  /** The Gaussian error linear unit, exact form. */
  public static Tensor gelu(Tensor x) {
    return call("gelu", () -> torch.gelu(x.pointer()), x);
  }

  /**
   * Attention softmax(q k^T scale + mask) v for q of shape (N, heads, L, d), k and v of shape (N,
   * heads, M, d).
   *
   * @param mask added to the scores, broadcast to (N, heads, L, M), optional
   * @param scale factor of the scores; NaN for 1 / sqrt(d)
   */
  public static Tensor scaledDotProductAttention(
      Tensor q, Tensor k, Tensor v, Tensor mask, double scale) {
    double factor = Double.isNaN(scale) ? 1 / Math.sqrt((double) q.size(-1)) : scale;
    return call(
        "scaled_dot_product_attention",
        () -> {
          if (q.pointer().is_meta()) {
            return torch.empty_like(q.pointer());
          }
          return RoundedProducts.of(
              Arrays.asList(q, k, v, mask),
              in -> AttentionKernel.apply(in.get(0), in.get(1), in.get(2), in.get(3), factor));
        },
        q,
        k,
        v,
        mask,
        scale);
  }

  public static Tensor maxPool2d(Tensor x, long kernel, long stride, long padding) {
    return call(
        "max_pool2d",
        () ->
            torch.max_pool2d(
                x.pointer(),
                new long[] {kernel, kernel},
                new long[] {stride, stride},
                new long[] {padding, padding},
                new long[] {1, 1},
                false),
        x,
        kernel,
        stride,
        padding);
  }

  /** The mean over height and width: (N, C, H, W) to (N, C). */
  public static Tensor globalAvgPool(Tensor x) {
    return x.mean(new long[] {2, 3}, false);
  }

  /** Zeroes each element with the given probability and scales the rest, in training only. */
  public static Tensor dropout(Tensor x, double probability, boolean training) {
    if (!training || probability == 0) {
      return x;
    }
    return call("dropout", () -> torch.dropout(x.pointer(), probability, true), x, probability);
  }

  /**
   * The mean cross-entropy of logits (N, C) against class numbers (N) in int64.
   *
   * @param smoothing label smoothing in [0, 1)
   */
  public static Tensor crossEntropy(Tensor logits, Tensor labels, double smoothing) {
    return call(
        "cross_entropy",
        () -> {
          try (TensorOptional weight = new TensorOptional()) {
            return torch.cross_entropy_loss(
                logits.pointer(), labels.pointer(), weight, 1, -100, smoothing);
          }
        },
        logits,
        labels,
        smoothing);
  }

  /** The mean cross-entropy of logits (N, C) against distributions (N, C). */
  public static Tensor softCrossEntropy(Tensor logits, Tensor targets) {
    return crossEntropy(logits, targets, 0);
  }
}
