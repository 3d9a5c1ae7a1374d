package org.efficienttrain.tensor.io;

import java.util.List;
import org.efficienttrain.tensor.DType;

/**
 * Name, type and shape of a stored tensor.
 *
 * @param name the parameter's name, such as {@code "layer1.0.conv1.weight"}
 * @param dtype element type
 * @param shape extent of each dimension; empty for a scalar
 */
public record TensorInfo(String name, DType dtype, List<Long> shape) {
  /** No tensor of the field has more dimensions; a file that says so is damaged. */
  static final int MAX_RANK = 64;

  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /** Info of a tensor with the given extents. */
  public static TensorInfo of(String name, DType dtype, long... shape) {
    return new TensorInfo(name, dtype, Shapes.list(shape));
  }

  /** The shape as an array. */
  public long[] dims() {
    return Shapes.array(shape);
  }

  /** Number of elements. */
  public long elements() {
    return Shapes.elements(shape);
  }

  /** Number of bytes that the elements take when stored without gaps. */
  public long bytes() {
    return Math.multiplyExact(elements(), dtype.bytes());
  }
}
