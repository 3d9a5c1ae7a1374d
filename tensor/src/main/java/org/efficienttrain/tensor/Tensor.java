package org.efficienttrain.tensor;

import static org.efficienttrain.tensor.Ops.call;
import static org.efficienttrain.tensor.Ops.callList;
import static org.efficienttrain.tensor.Ops.run;
import static org.efficienttrain.tensor.Ops.scalar;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * A multi-dimensional array on a device, with automatic differentiation, in PyTorch's words.
 *
 * <p>Methods that end in {@code _} change the tensor in place; the others return a new one, which
 * belongs to the innermost open {@link Scope}. Views share memory. Shapes that do not fit throw a
 * {@link TensorException} that names the operation and the shapes. Dimensions may be negative,
 * counting from the last. Factories are in {@link Tensors}, the functions of networks in {@link
 * Functional}.
 *
 * <p>This class is long because it is PyTorch's vocabulary, a line or two a word.
 */
public final class Tensor implements AutoCloseable {
  static {
    Torch.start();
  }

  private final org.bytedeco.pytorch.Tensor p;

  Tensor(org.bytedeco.pytorch.Tensor pointer) {
    this.p = pointer;
  }

  /** The native tensor; only for this module. */
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

  public long stride(int dim) {
    return p.stride(dim);
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

  /** Whether the elements of an (N, C, H, W) tensor lie in the order N, H, W, C. */
  public boolean isChannelsLast() {
    return p.is_contiguous(MemoryFormat.ChannelsLast);
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
      return to(type).toBytes();
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
        Tensor cpu = detach().to(Device.CPU).contiguous();
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

  // ---- shape ----

  /** Another shape over the same memory; one size may be -1. */
  public Tensor view(long... shape) {
    return call("view", () -> p.view(shape), this, shape);
  }

  /** Another shape, copying where a view cannot be had; one size may be -1. */
  public Tensor reshape(long... shape) {
    return call("reshape", () -> p.reshape(shape), this, shape);
  }

  public Tensor permute(long... dims) {
    return call("permute", () -> p.permute(dims), this, dims);
  }

  /** A view of the same memory with that shape and those distances between elements. */
  public Tensor asStrided(long[] shape, long[] strides) {
    return call("as_strided", () -> p.as_strided(shape, strides), this, shape, strides);
  }

  public Tensor transpose(long dim0, long dim1) {
    return call("transpose", () -> p.transpose(dim0, dim1), this, dim0, dim1);
  }

  /** Merges dimensions {@code start} to {@code end}, both included. */
  public Tensor flatten(long start, long end) {
    return call("flatten", () -> p.flatten(start, end), this, start, end);
  }

  public Tensor unsqueeze(long dim) {
    return call("unsqueeze", () -> p.unsqueeze(dim), this, dim);
  }

  public Tensor squeeze(long dim) {
    return call("squeeze", () -> p.squeeze(dim), this, dim);
  }

  /** Repeats dimensions of size 1 without copying; -1 keeps a size. */
  public Tensor expand(long... shape) {
    return call("expand", () -> p.expand(shape), this, shape);
  }

  public Tensor repeat(long... times) {
    return call("repeat", () -> p.repeat(times), this, times);
  }

  public Tensor narrow(long dim, long start, long length) {
    return call("narrow", () -> p.narrow(dim, start, length), this, dim, start, length);
  }

  public Tensor select(long dim, long index) {
    return call("select", () -> p.select(dim, index), this, dim, index);
  }

  public List<Tensor> chunk(long chunks, long dim) {
    return callList("chunk", () -> p.chunk(chunks, dim), this, chunks, dim);
  }

  public List<Tensor> split(long[] sizes, long dim) {
    return callList("split", () -> p.split(sizes, dim), this, sizes, dim);
  }

  /** The slices along a dimension, which disappears. */
  public List<Tensor> unbind(long dim) {
    return callList("unbind", () -> p.unbind(dim), this, dim);
  }

  public Tensor roll(long[] shifts, long[] dims) {
    return call(
        "roll",
        () -> p.is_meta() ? torch.empty_like(p) : torch.roll(p, shifts, dims),
        this,
        shifts,
        dims);
  }

  public Tensor flip(long... dims) {
    return call("flip", () -> p.flip(dims), this, dims);
  }

  public Tensor indexSelect(long dim, Tensor index) {
    return call(
        "index_select",
        () -> {
          if (p.is_meta()) { // libtorch has no kernel for the shapes alone
            long[] shape = shape();
            shape[(int) (dim < 0 ? dim + shape.length : dim)] = index.numel();
            return torch.empty(shape, p.options(), new MemoryFormatOptional());
          }
          return p.index_select(dim, index.p);
        },
        this,
        dim,
        index);
  }

  public Tensor gather(long dim, Tensor index) {
    return call("gather", () -> p.gather(dim, index.p), this, dim, index);
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

  // ---- arithmetic ----

  public Tensor add(Tensor other) {
    return call("add", () -> p.add(other.p), this, other);
  }

  public Tensor add(double other) {
    return call("add", () -> p.add(scalar(other)), this, other);
  }

  public Tensor sub(Tensor other) {
    return call("sub", () -> p.sub(other.p), this, other);
  }

  public Tensor sub(double other) {
    return call("sub", () -> p.sub(scalar(other)), this, other);
  }

  public Tensor mul(Tensor other) {
    return call("mul", () -> p.mul(other.p), this, other);
  }

  public Tensor mul(double other) {
    return call("mul", () -> p.mul(scalar(other)), this, other);
  }

  public Tensor div(Tensor other) {
    return call("div", () -> p.div(other.p), this, other);
  }

  public Tensor div(double other) {
    return call("div", () -> p.div(scalar(other)), this, other);
  }

  /** This plus {@code alpha} times {@code other}. */
  public Tensor add(Tensor other, double alpha) {
    return call("add", () -> p.add(other.p, scalar(alpha)), this, other, alpha);
  }

  /** This plus {@code a} times {@code b}, in one pass over the memory. */
  public Tensor addcmul(Tensor a, Tensor b) {
    return call("addcmul", () -> p.addcmul(a.p, b.p), this, a, b);
  }

  public Tensor pow(double exponent) {
    return call("pow", () -> p.pow(scalar(exponent)), this, exponent);
  }

  public Tensor clamp(double min, double max) {
    return call("clamp", () -> p.clamp(bound(min), bound(max)), this, min, max);
  }

  private static ScalarOptional bound(double value) {
    try (Scalar s = scalar(value)) {
      return new ScalarOptional(s);
    }
  }

  public Tensor neg() {
    return call("neg", p::neg, this);
  }

  public Tensor abs() {
    return call("abs", p::abs, this);
  }

  public Tensor exp() {
    return call("exp", p::exp, this);
  }

  public Tensor log() {
    return call("log", p::log, this);
  }

  public Tensor sqrt() {
    return call("sqrt", p::sqrt, this);
  }

  public Tensor rsqrt() {
    return call("rsqrt", p::rsqrt, this);
  }

  public Tensor sin() {
    return call("sin", p::sin, this);
  }

  public Tensor cos() {
    return call("cos", p::cos, this);
  }

  public Tensor erf() {
    return call("erf", p::erf, this);
  }

  public Tensor sigmoid() {
    return call("sigmoid", p::sigmoid, this);
  }

  public Tensor relu() {
    return call("relu", () -> p.is_meta() ? torch.empty_like(p) : p.relu(), this);
  }

  public Tensor square() {
    return call("square", p::square, this);
  }

  public Tensor floor() {
    return call("floor", p::floor, this);
  }

  public Tensor matmul(Tensor other) {
    return call("matmul", () -> p.matmul(other.p), this, other);
  }

  public Tensor maximum(Tensor other) {
    return call("maximum", () -> p.maximum(other.p), this, other);
  }

  // ---- comparison ----

  public Tensor eq(double other) {
    return call("eq", () -> p.eq(scalar(other)), this, other);
  }

  public Tensor ne(double other) {
    return call("ne", () -> p.ne(scalar(other)), this, other);
  }

  public Tensor gt(double other) {
    return call("gt", () -> p.gt(scalar(other)), this, other);
  }

  public Tensor ge(double other) {
    return call("ge", () -> p.ge(scalar(other)), this, other);
  }

  public Tensor lt(double other) {
    return call("lt", () -> p.lt(scalar(other)), this, other);
  }

  public Tensor le(double other) {
    return call("le", () -> p.le(scalar(other)), this, other);
  }

  public Tensor eq(Tensor other) {
    return call("eq", () -> p.eq(other.p), this, other);
  }

  public Tensor lt(Tensor other) {
    return call("lt", () -> p.lt(other.p), this, other);
  }

  /** Whether every element is finite. */
  public boolean allFinite() {
    try (Scope scope = Scope.open()) {
      return call("isfinite", () -> torch.isfinite(p), this).all();
    }
  }

  /** Whether every element is true. */
  public boolean all() {
    try (Scope scope = Scope.open()) {
      return call("all", () -> p.all(), this).item() != 0;
    }
  }

  /** Whether the other tensor has the same type, shape and elements, to the last bit. */
  public boolean bitEquals(Tensor other) {
    return dtype() == other.dtype()
        && Arrays.equals(shape(), other.shape())
        && toBytes().equals(other.toBytes());
  }

  // ---- reduction ----

  public Tensor sum() {
    return call("sum", p::sum, this);
  }

  public Tensor mean() {
    return call("mean", p::mean, this);
  }

  public Tensor sum(long[] dims, boolean keepDim) {
    return call("sum", () -> p.sum(dims, keepDim, new ScalarTypeOptional()), this, dims, keepDim);
  }

  public Tensor mean(long[] dims, boolean keepDim) {
    return call("mean", () -> p.mean(dims, keepDim, new ScalarTypeOptional()), this, dims, keepDim);
  }

  public Tensor var(long[] dims, boolean unbiased, boolean keepDim) {
    return call("var", () -> p.var(dims, unbiased, keepDim), this, dims, unbiased, keepDim);
  }

  public Tensor amax(long[] dims, boolean keepDim) {
    return call("amax", () -> p.amax(dims, keepDim), this, dims, keepDim);
  }

  public Tensor amin(long[] dims, boolean keepDim) {
    return call("amin", () -> p.amin(dims, keepDim), this, dims, keepDim);
  }

  public Tensor argmax(long dim) {
    return call("argmax", () -> p.argmax(new LongOptional(dim), false), this, dim);
  }

  /** The order that sorts along a dimension; equal elements keep theirs. */
  public Tensor argsort(long dim, boolean descending) {
    return call("argsort", () -> p.argsort(true, dim, descending), this, dim, descending);
  }

  /** The Euclidean norm of all elements. */
  public Tensor norm() {
    return call("norm", () -> p.norm(), this);
  }

  /** The indices of the {@code k} largest elements along a dimension, largest first. */
  public Tensor topkIndices(long k, long dim) {
    return call(
        "topk_indices",
        () -> {
          try (var pair = torch.topk(p, k, dim, true, true)) {
            return new org.bytedeco.pytorch.Tensor(pair.get1());
          }
        },
        this,
        k,
        dim);
  }

  public Tensor softmax(long dim) {
    return call("softmax", () -> p.softmax(dim), this, dim);
  }

  public Tensor logSoftmax(long dim) {
    return call("log_softmax", () -> p.log_softmax(dim), this, dim);
  }

  public Tensor cumsum(long dim) {
    return call("cumsum", () -> p.cumsum(dim), this, dim);
  }

  public Tensor maskedFill(Tensor mask, double value) {
    return call("masked_fill", () -> p.masked_fill(mask.p, scalar(value)), this, mask, value);
  }

  // ---- in place ----

  public Tensor add_(Tensor other) {
    run("add_", () -> p.add_(other.p), this, other);
    return this;
  }

  public Tensor add_(double other) {
    run("add_", () -> p.add_(scalar(other)), this, other);
    return this;
  }

  public Tensor sub_(Tensor other) {
    run("sub_", () -> p.sub_(other.p), this, other);
    return this;
  }

  public Tensor sub_(double other) {
    run("sub_", () -> p.sub_(scalar(other)), this, other);
    return this;
  }

  public Tensor mul_(Tensor other) {
    run("mul_", () -> p.mul_(other.p), this, other);
    return this;
  }

  public Tensor mul_(double other) {
    run("mul_", () -> p.mul_(scalar(other)), this, other);
    return this;
  }

  public Tensor div_(Tensor other) {
    run("div_", () -> p.div_(other.p), this, other);
    return this;
  }

  public Tensor div_(double other) {
    run("div_", () -> p.div_(scalar(other)), this, other);
    return this;
  }

  public Tensor add_(Tensor other, double alpha) {
    run("add_", () -> p.add_(other.p, scalar(alpha)), this, other, alpha);
    return this;
  }

  public Tensor lerp_(Tensor end, double weight) {
    run("lerp_", () -> p.lerp_(end.p, scalar(weight)), this, end, weight);
    return this;
  }

  public Tensor addcmul_(Tensor a, Tensor b, double value) {
    run("addcmul_", () -> p.addcmul_(a.p, b.p, scalar(value)), this, a, b, value);
    return this;
  }

  public Tensor addcdiv_(Tensor a, Tensor b, double value) {
    run("addcdiv_", () -> p.addcdiv_(a.p, b.p, scalar(value)), this, a, b, value);
    return this;
  }

  public Tensor clamp_(double min, double max) {
    run("clamp_", () -> p.clamp_(bound(min), bound(max)), this, min, max);
    return this;
  }

  public Tensor zero_() {
    run("zero_", () -> p.zero_(), this);
    return this;
  }

  public Tensor sqrt_() {
    run("sqrt_", () -> p.sqrt_(), this);
    return this;
  }

  public Tensor fill_(double value) {
    run("fill_", () -> p.fill_(scalar(value)), this, value);
    return this;
  }

  public Tensor normal_(double mean, double std) {
    run(
        "normal_",
        () -> p.normal_(mean, std, new org.bytedeco.pytorch.GeneratorOptional()),
        this,
        mean,
        std);
    return this;
  }

  public Tensor uniform_(double from, double to) {
    run(
        "uniform_",
        () -> p.uniform_(from, to, new org.bytedeco.pytorch.GeneratorOptional()),
        this,
        from,
        to);
    return this;
  }

  public Tensor bernoulli_(double probability) {
    run(
        "bernoulli_",
        () -> p.bernoulli_(probability, new org.bytedeco.pytorch.GeneratorOptional()),
        this,
        probability);
    return this;
  }

  public Tensor erfinv_() {
    run("erfinv_", () -> p.erfinv_(), this);
    return this;
  }

  public Tensor scatter_(long dim, Tensor index, double value) {
    run("scatter_", () -> p.scatter_(dim, index.p, scalar(value)), this, dim, index, value);
    return this;
  }
}
