package org.efficienttrain.tensor;

import org.bytedeco.pytorch.Edge;
import org.bytedeco.pytorch.EdgeVector;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Node;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * A linear layer whose weight gradient another kernel computes than the rest.
 *
 * <p>libtorch ties the three products of a layer to one node of its graph of gradients, and new
 * kinds of node cannot be made from Java. But nodes can be put together: the layer is computed as a
 * function of its input alone, and beside it stands the node of a matrix product, made over no rows
 * at no cost, which then gets the rows as the ones it saved. A node that adds hands the gradient of
 * the result to both.
 */
final class SplitLinear {
  private SplitLinear() {}

  /** Whether there is a weight gradient to compute, in float32. */
  static boolean applies(org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor weight) {
    return GradMode.is_enabled()
        && weight.requires_grad()
        && x.scalar_type() == DType.FLOAT32.scalarType()
        && weight.scalar_type() == DType.FLOAT32.scalarType()
        && !torch.is_autocast_enabled(DeviceType.CPU);
  }

  /**
   * The result with the gradients of weight and bias in its graph.
   *
   * @param y (R, out), computed from the rows; the weight and bias in it were constants
   * @param rows (R, in)
   * @param weight (out, in)
   * @param bias (out), optional
   */
  static org.bytedeco.pytorch.Tensor join(
      org.bytedeco.pytorch.Tensor y,
      org.bytedeco.pytorch.Tensor rows,
      org.bytedeco.pytorch.Tensor weight,
      TensorOptional bias) {
    var saved =
        torch.empty(new long[] {0, rows.size(1)}, rows.options(), new MemoryFormatOptional());
    var transposed = weight.t();
    var product =
        bias.has_value() ? torch.addmm(bias.get(), saved, transposed) : torch.mm(saved, transposed);
    saved.set_data(rows.detach());
    Node ofWeight = product.grad_fn();
    ofWeight.clear_input_metadata(); // it was of no rows
    var result = y.detach();
    if (!y.requires_grad()) {
      torch.create_gradient_edge(result, ofWeight);
      return result;
    }
    ofWeight.add_input_metadata(result);
    Node both = sum().grad_fn();
    both.clear_input_metadata();
    EdgeVector edges = new EdgeVector(2);
    edges.put(0, new Edge(y.grad_fn(), Math.toIntExact(y.output_nr())));
    edges.put(1, new Edge(ofWeight, 0));
    both.set_next_edges(edges);
    torch.create_gradient_edge(result, both);
    return result;
  }

  /** A sum whose node gives its gradient to two places as it is. */
  private static org.bytedeco.pytorch.Tensor sum() {
    var one = torch.zeros(1).requires_grad_(true);
    return one.add(one);
  }
}
