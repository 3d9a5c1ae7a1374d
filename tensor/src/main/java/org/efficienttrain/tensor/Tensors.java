package org.efficienttrain.tensor;

import static org.efficienttrain.tensor.Ops.call;
import static org.efficienttrain.tensor.Ops.scalar;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Makes tensors: of constants, of random numbers, of the program's data, of other tensors. */
public final class Tensors {
  static {
    Torch.start();
  }

  private Tensors() {}

  public static Tensor zeros(long... shape) {
    return zeros(DType.FLOAT32, DefaultDevice.current(), shape);
  }

  public static Tensor zeros(DType type, Device device, long... shape) {
    return call("zeros", () -> torch.zeros(shape, options(type, device)), shape, type);
  }

  public static Tensor zerosLike(Tensor other) {
    return call("zeros_like", () -> torch.zeros_like(other.pointer()), other);
  }

  public static Tensor ones(long... shape) {
    return full(1, DType.FLOAT32, DefaultDevice.current(), shape);
  }

  public static Tensor full(double value, DType type, Device device, long... shape) {
    return call(
        "full", () -> torch.full(shape, scalar(value), options(type, device)), shape, value, type);
  }

  /** Uninitialised memory. */
  public static Tensor empty(DType type, Device device, long... shape) {
    return call(
        "empty",
        () ->
            torch.empty(
                shape, options(type, device), new org.bytedeco.pytorch.MemoryFormatOptional()),
        shape,
        type);
  }

  /** Standard normal numbers from the seeded {@link Generator}. */
  public static Tensor randn(long... shape) {
    return call("randn", () -> torch.randn(shape), shape);
  }

  /** Uniform numbers in [0, 1) from the seeded {@link Generator}. */
  public static Tensor rand(long... shape) {
    return call("rand", () -> torch.rand(shape), shape);
  }

  /** The int64 numbers 0 to {@code end} - 1. */
  public static Tensor arange(long end) {
    return call("arange", () -> torch.arange(new org.bytedeco.pytorch.Scalar(end)), end);
  }

  /** A float32 tensor with a copy of the values; no shape means one dimension. */
  public static Tensor of(float[] values, long... shape) {
    return copy(new FloatPointer(values), DType.FLOAT32, values.length, shape);
  }

  /** A float64 tensor with a copy of the values; no shape means one dimension. */
  public static Tensor of(double[] values, long... shape) {
    return copy(new DoublePointer(values), DType.FLOAT64, values.length, shape);
  }

  /** An int64 tensor with a copy of the values; no shape means one dimension. */
  public static Tensor of(long[] values, long... shape) {
    return copy(new LongPointer(values), DType.INT64, values.length, shape);
  }

  /**
   * A tensor with a copy of the bytes from the buffer's position to its limit, in the machine's
   * byte order; the buffer's position does not move.
   */
  public static Tensor of(ByteBuffer bytes, DType type, long... shape) {
    ByteBuffer source = bytes.duplicate();
    Pointer data = source.isDirect() ? new BytePointer(source) : heapCopy(source);
    return copy(data, type, bytes.remaining() / type.bytes(), shape);
  }

  /**
   * Unsigned bytes as numbers of another type, on the CPU, in one pass.
   *
   * @param bytes direct or not; as many as the shape has elements
   */
  public static Tensor ofBytes(ByteBuffer bytes, DType type, long... shape) {
    ByteBuffer source = bytes.duplicate();
    check(source.remaining(), shape);
    try (Pointer data = source.isDirect() ? new BytePointer(source) : heapCopy(source)) {
      return call(
          "constant",
          () -> {
            try (TensorOptions options = options(DType.UINT8, Device.CPU);
                org.bytedeco.pytorch.Tensor view = torch.from_blob(data, shape, options)) {
              return view.to(type.scalarType());
            }
          },
          shape,
          type);
    }
  }

  private static void check(long elements, long[] sizes) {
    long expected = 1;
    for (long size : sizes) {
      expected = Math.multiplyExact(expected, size);
    }
    if (expected != elements) {
      throw new TensorException(
          "of: " + elements + " values do not fill the shape " + Arrays.toString(sizes));
    }
  }

  private static BytePointer heapCopy(ByteBuffer source) {
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    return new BytePointer(bytes);
  }

  private static Tensor copy(Pointer data, DType type, long elements, long[] shape) {
    long[] sizes = shape.length == 0 ? new long[] {elements} : shape;
    check(elements, sizes);
    try (data) {
      return call(
          "constant",
          () -> {
            try (TensorOptions options = options(type, Device.CPU);
                org.bytedeco.pytorch.Tensor view =
                    elements == 0 ? torch.empty(sizes) : torch.from_blob(data, sizes, options)) {
              return view.clone();
            }
          },
          sizes,
          type);
    }
  }

  /** Joins tensors along an existing dimension. */
  public static Tensor cat(List<Tensor> tensors, long dim) {
    return call(
        "cat",
        () -> {
          try (TensorVector vector = Ops.vector(tensors)) {
            return torch.cat(vector, dim);
          }
        },
        tensors,
        dim);
  }

  /** Joins tensors along a new dimension. */
  public static Tensor stack(List<Tensor> tensors, long dim) {
    return call(
        "stack",
        () -> {
          try (TensorVector vector = Ops.vector(tensors)) {
            return torch.stack(vector, dim);
          }
        },
        tensors,
        dim);
  }

  /** Elements of {@code a} where the condition holds, of {@code b} elsewhere. */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return call(
        "where", () -> torch.where(condition.pointer(), a.pointer(), b.pointer()), condition, a, b);
  }

  private static TensorOptions options(DType type, Device device) {
    return new TensorOptions()
        .dtype(new ScalarTypeOptional(type.scalarType()))
        .device(new DeviceOptional(device.pointer()));
  }
}
