package org.efficienttrain.tensor;

import static org.efficienttrain.tensor.Ops.call;
import static org.efficienttrain.tensor.Ops.run;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * A multi-dimensional array on a device, with automatic differentiation, in PyTorch's words.
 *
 * <p>Methods that end in {@code _} change the tensor in place; the others return a new one, which
 * belongs to the innermost open {@link Scope}. Views share memory. Shapes that do not fit throw a
 * {@link TensorException} that names the operation and the shapes. Dimensions may be negative,
 * counting from the last. Factories are in {@link Tensors}, the functions of networks in {@link
 * Functional}; the words of PyTorch's vocabulary for shapes, elements, reductions and changes in
 * place are inherited, an interface for each.
 */
public final class Tensor
    implements ShapeOps, PointwiseOps, ReductionOps, InPlaceOps, AutoCloseable {
  static {
    Torch.start();
  }

  private final org.bytedeco.pytorch.Tensor p;

  Tensor(org.bytedeco.pytorch.Tensor pointer) {
    this.p = pointer;
  }

  /** The native tensor; only for this module. */
  @Override
  public org.bytedeco.pytorch.Tensor pointer() {
    return p;
  }

  /** Takes ownership of a native tensor; only for this module. */
  public static Tensor wrap(org.bytedeco.pytorch.Tensor pointer) {
    return new Tensor(pointer);
  }

  /** Frees this handle now rather than with its scope; the memory goes with its last user. */
  @Override
  public void close() {
    p.deallocate();
  }

  public boolean isClosed() {
    return p.isNull();
  }

  // ---- what it is ----

  @Override
  public long[] shape() {
    long[] shape = new long[(int) p.dim()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = p.size(i);
    }
    return shape;
  }

  public long size(int dim) {
    return p.size(dim);
  }

  public int dim() {
    return (int) p.dim();
  }

  public long numel() {
    return p.numel();
  }

  public DType dtype() {
    return DType.of(p.scalar_type());
  }

  public Device device() {
    try (org.bytedeco.pytorch.Device d = p.device()) {
      return Device.of(d);
    }
  }

  public boolean isContiguous() {
    return p.is_contiguous();
  }

  @Override
  public String toString() {
    return isClosed() ? "closed tensor" : dtype() + Arrays.toString(shape());
  }

  // ---- reading and writing data ----

  /** The only element. */
  public double item() {
    if (numel() != 1) {
      throw new TensorException("item: the tensor has shape " + Arrays.toString(shape()));
    }
    return p.item_double();
  }

  /** All elements in row-major order, converted to float. */
  public float[] toFloats() {
    float[] out = new float[(int) numel()];
    bytesAs(DType.FLOAT32).asFloatBuffer().get(out);
    return out;
  }

  /** All elements in row-major order, converted to double. */
  public double[] toDoubles() {
    double[] out = new double[(int) numel()];
    bytesAs(DType.FLOAT64).asDoubleBuffer().get(out);
    return out;
  }

  /** All elements in row-major order, converted to long. */
  public long[] toLongs() {
    long[] out = new long[(int) numel()];
    bytesAs(DType.INT64).asLongBuffer().get(out);
    return out;
  }

  private ByteBuffer bytesAs(DType type) {
    try (Scope scope = Scope.open()) {
      return (dtype() == type ? this : to(type)).toBytes();
    }
  }

  /** A copy of the elements, row-major, in the machine's byte order. */
  public ByteBuffer toBytes() {
    long bytes = numel() * dtype().bytes();
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new TensorException("toBytes: " + bytes + " bytes do not fit one buffer; narrow first");
    }
    ByteBuffer out = ByteBuffer.allocate((int) bytes).order(ByteOrder.nativeOrder());
    if (bytes > 0) {
      try (Scope scope = Scope.open()) {
        boolean readable = p.is_cpu() && p.is_contiguous();
        Tensor cpu = readable ? this : detach().to(Device.CPU).contiguous();
        BytePointer data = new BytePointer(cpu.p.data_ptr());
        data.capacity(bytes).get(out.array());
      }
    }
    return out;
  }

  /** Overwrites the elements with those of {@code other}, broadcast and converted. */
  public Tensor copy_(Tensor other) {
    run("copy_", () -> p.copy_(other.p), this, other);
    return this;
  }

  /** Whether the other tensor has the same type, shape and elements, to the last bit. */
  public boolean bitEquals(Tensor other) {
    return dtype() == other.dtype()
        && Arrays.equals(shape(), other.shape())
        && toBytes().equals(other.toBytes());
  }

  // ---- gradients ----

  public boolean requiresGrad() {
    return p.requires_grad();
  }

  public Tensor requiresGrad_(boolean on) {
    p.set_requires_grad(on);
    return this;
  }

  /** The gradient, or null where there is none. */
  public Tensor grad() {
    org.bytedeco.pytorch.Tensor g = p.grad();
    return g.defined() ? new Tensor(new org.bytedeco.pytorch.Tensor(g)) : null;
  }

  /** Sets the gradient, or removes it with null. */
  public void setGrad(Tensor grad) {
    p.mutable_grad().put(grad == null ? new org.bytedeco.pytorch.Tensor() : grad.p);
  }

  /** Adds the gradient of this scalar to {@link #grad()} of every leaf that it came from. */
  public void backward() {
    run("backward", p::backward, this);
  }

  /**
   * Makes this tensor hold other data (another device or type), keeping its identity, so that
   * whoever refers to it goes on working. The gradient is forgotten.
   */
  public void setData(Tensor data) {
    p.mutable_grad().put(new org.bytedeco.pytorch.Tensor());
    p.__dispatch_set_data(data.p);
  }

  /** The same data outside the graph of gradients. */
  public Tensor detach() {
    return call("detach", p::detach, this);
  }

  // ---- memory and type ----

  public Tensor contiguous() {
    return call("contiguous", p::contiguous, this);
  }

  /** A copy with its own memory. */
  public Tensor copy() {
    return call("clone", () -> p.clone(), this);
  }

  /** The (N, C, H, W) tensor with its elements in the order N, H, W, C: faster convolutions. */
  public Tensor channelsLast() {
    return call("channels_last", () -> p.contiguous(MemoryFormat.ChannelsLast), this);
  }

  public Tensor to(DType type) {
    return call("to", () -> p.to(type.scalarType()), this, type);
  }

  public Tensor to(Device device) {
    return to(device, dtype(), false);
  }

  /**
   * Moves and converts.
   *
   * @param nonBlocking return before the copy ends, where the source is pinned
   */
  public Tensor to(Device device, DType type, boolean nonBlocking) {
    return call(
        "to",
        () ->
            p.to(
                device.pointer(),
                type.scalarType(),
                nonBlocking,
                false,
                new MemoryFormatOptional()),
        this,
        type);
  }

  /** A copy in page-locked memory, from which copies to a GPU run by themselves. */
  public Tensor pinMemory() {
    return call("pin_memory", () -> p.pin_memory(), this);
  }
}
