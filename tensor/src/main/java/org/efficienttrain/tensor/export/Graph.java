package org.efficienttrain.tensor.export;

import java.util.List;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Tensor;

/**
 * A network in evaluation as a list of operations, for any batch of images of one size.
 *
 * @param input the images, (N, C, H, W)
 * @param leaves what is known before any image comes: the network's state, and its constants
 * @param nodes the operations, each after those that it depends on
 * @param output what the network returns
 */
public record Graph(Value input, List<Leaf> leaves, List<Node> nodes, Value output) {

  /**
   * A tensor of the graph.
   *
   * @param id distinguishes values
   * @param dtype element type
   * @param shape extent of each dimension
   */
  public record Value(int id, DType dtype, List<Extent> shape) {
    public Value {
      shape = List.copyOf(shape);
    }

    int rank() {
      return shape.size();
    }

    /** A dimension counted from 0, of one that may count from the end. */
    int dim(long dim) {
      return Math.toIntExact(dim < 0 ? dim + rank() : dim);
    }

    /** A fixed extent. */
    long size(long dim) {
      Extent extent = shape.get(dim(dim));
      if (!extent.isFixed()) {
        throw new IllegalStateException("dimension " + dim + " of " + this + " is not fixed");
      }
      return extent.fixed();
    }
  }

  /** What a leaf is. */
  public enum Role {
    PARAMETER,
    BUFFER,
    /** Made by the forward pass or kept by it, and no part of the state. */
    CONSTANT
  }

  /**
   * A known tensor.
   *
   * @param value its place in the graph
   * @param name its dotted name in the state, or a made-up one for a constant
   * @param role what it is
   * @param tensor its elements; the network's own tensor, or a copy of a constant
   */
  public record Leaf(Value value, String name, Role role, Tensor tensor) {}

  /**
   * An operation.
   *
   * @param op its name, as {@link org.efficienttrain.tensor.OpListener} gives it
   * @param args its arguments: {@link Value}, null for an absent one, a list of values, {@link
   *     Extent}, a list of extents, {@code Double}, {@code Boolean}, {@link DType}, {@code String}
   * @param results what it returns
   */
  public record Node(String op, Args args, List<Value> results) {
    public Node {
      results = List.copyOf(results);
    }

    Value result() {
      return results.get(0);
    }
  }

  public Graph {
    leaves = List.copyOf(leaves);
    nodes = List.copyOf(nodes);
  }
}
