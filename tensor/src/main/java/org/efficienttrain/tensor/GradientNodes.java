package org.efficienttrain.tensor;

import org.bytedeco.pytorch.Edge;
import org.bytedeco.pytorch.EdgeVector;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Node;
import org.bytedeco.pytorch.global.torch;

/**
 * Puts nodes of libtorch's graph of gradients together.
 *
 * <p>libtorch ties all products of a layer to one node, and new kinds of node cannot be made from
 * Java. But the node of an operation can be made over no elements, at no cost, then be given what
 * it saved, and be hung beside or in front of others.
 */
final class GradientNodes {
  private GradientNodes() {}

  /** A tensor with no elements, or one whose elements do not matter, of another's type. */
  static org.bytedeco.pytorch.Tensor empty(org.bytedeco.pytorch.Tensor like, long... shape) {
    return torch.empty(shape, like.options(), new MemoryFormatOptional());
  }

  /** Zeros of a shape in the memory of one, of another's type. */
  static org.bytedeco.pytorch.Tensor shapeOnly(org.bytedeco.pytorch.Tensor like, long... shape) {
    return torch.zeros(new long[] {1}, like.options()).expand(shape);
  }

  /** Makes a node hand its first gradient to what computed a tensor, and the others to nobody. */
  static void onwards(Node node, org.bytedeco.pytorch.Tensor y, int outputs) {
    EdgeVector edges = new EdgeVector(outputs);
    edges.put(0, edge(y));
    node.set_next_edges(edges);
  }

  /** A result whose gradient goes to a node, which was made over no elements. */
  static org.bytedeco.pytorch.Tensor under(org.bytedeco.pytorch.Tensor y, Node node) {
    var result = y.detach();
    node.clear_input_metadata();
    torch.create_gradient_edge(result, node);
    return result;
  }

  /** The first of two results of one shape, with a gradient that goes to both. */
  static org.bytedeco.pytorch.Tensor join(
      org.bytedeco.pytorch.Tensor y, org.bytedeco.pytorch.Tensor beside) {
    var one = torch.zeros(1).requires_grad_(true);
    Node both = one.add(one).grad_fn();
    EdgeVector edges = new EdgeVector(2);
    edges.put(0, edge(y));
    edges.put(1, edge(beside));
    both.set_next_edges(edges);
    return under(y, both);
  }

  private static Edge edge(org.bytedeco.pytorch.Tensor y) {
    return new Edge(y.grad_fn(), Math.toIntExact(y.output_nr()));
  }
}
