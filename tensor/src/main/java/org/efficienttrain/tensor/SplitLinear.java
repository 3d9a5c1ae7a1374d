package org.efficienttrain.tensor;

import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Node;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * A linear layer whose weight gradient another kernel computes than the rest.
 *
 * <p>The layer is computed as a function of its input alone, and beside it stands the node of
 * another operation, made over no elements, which then gets the rows as what it saved. A node that
 * adds hands the gradient of the result to both: {@link GradientNodes}.
 */
final class SplitLinear {
  private SplitLinear() {}

  /** Whether there is a weight gradient to compute, in float32. */
  static boolean applies(org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor weight) {
    return GradMode.is_enabled()
        && weight.requires_grad()
        && DType.of(x.scalar_type()) == DType.FLOAT32
        && DType.of(weight.scalar_type()) == DType.FLOAT32
        && !torch.is_autocast_enabled(DeviceType.CPU);
  }

  /**
   * The result with the gradients of weight and bias in its graph, that of the weight as a matrix
   * product.
   *
   * @param y (R, out), computed from the rows; the weight and bias in it were constants
   * @param rows (R, in)
   * @param weight (out, in)
   * @param bias (out), optional
   */
  static org.bytedeco.pytorch.Tensor withProduct(
      org.bytedeco.pytorch.Tensor y,
      org.bytedeco.pytorch.Tensor rows,
      org.bytedeco.pytorch.Tensor weight,
      TensorOptional bias) {
    var saved = GradientNodes.empty(rows, 0, rows.size(1));
    var transposed = weight.t();
    var product =
        bias.has_value() ? torch.addmm(bias.get(), saved, transposed) : torch.mm(saved, transposed);
    saved.set_data(rows.detach());
    return join(y, GradientNodes.under(y, product.grad_fn()));
  }

  /**
   * The same, that of the weight as the data gradient of a convolution whose kernels are the rows
   * and whose image is the transposed weight: {@code out} pixels of {@code in} channels.
   */
  static org.bytedeco.pytorch.Tensor withConvolution(
      org.bytedeco.pytorch.Tensor y,
      org.bytedeco.pytorch.Tensor rows,
      org.bytedeco.pytorch.Tensor weight,
      TensorOptional bias) {
    long r = rows.size(0);
    long in = weight.size(1);
    long out = weight.size(0);
    var pixels = y.view(1, r, out, 1);
    var saved = GradientNodes.empty(rows, 0, in, out, 1).requires_grad_(true);
    var kernels = rows.detach().view(r, in, 1, 1);
    Node node =
        torch
            .conv2d(
                saved,
                kernels,
                new TensorOptional(),
                new long[] {1, 1},
                new long[] {0, 0},
                new long[] {1, 1},
                1)
            .grad_fn();
    saved.set_data(weight.detach().view(1, in, out, 1)); // the node asks for its shape alone
    GradientNodes.onwards(node, weight.t().view(1, in, out, 1), 3);
    var joined = join(pixels, GradientNodes.under(pixels, node));
    if (bias.has_value() && bias.get().requires_grad()) {
      joined = join(joined, bias.get().view(1, 1, out, 1).expand(1, r, out, 1));
    }
    return joined.view(r, out);
  }

  private static org.bytedeco.pytorch.Tensor join(
      org.bytedeco.pytorch.Tensor y, org.bytedeco.pytorch.Tensor beside) {
    return y.requires_grad() ? GradientNodes.join(y, beside) : beside;
  }
}
