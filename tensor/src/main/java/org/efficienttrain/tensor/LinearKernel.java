package org.efficienttrain.tensor;

import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * The ways to compute a linear layer on the CPU: its forward product and those of two gradients.
 */
enum LinearKernel {
  /**
   * As a convolution with a 1x1 kernel over rows x 1 pixels with their channels last, which needs
   * no copy: libtorch gives it to oneDNN. On vectors of 512 bits all three products are fast; on
   * AVX2 the weight gradient takes three times as long as the others.
   */
  CONVOLUTION,

  /** As a matrix product: float32 by OpenBLAS, shorter types by oneDNN. */
  PRODUCT,

  /** In float32: forward and data gradient as a convolution, the weight gradient as a product. */
  MIXED,

  /**
   * In float32: as a convolution, the weight gradient as the data gradient of another one, whose
   * kernels are the rows. No product goes to OpenBLAS, whose threads are others than those of all
   * the rest.
   */
  SWAPPED;

  /** Below this many rows a matrix product is as quick and needs no set-up. */
  static final long FEW_ROWS = 64;

  /** From this many rows on, more of them change no choice. */
  private static final long MANY_ROWS = 1024;

  /** The layer by whichever way is chosen for its shape. */
  static org.bytedeco.pytorch.Tensor apply(Tensor x, Tensor weight, TensorOptional bias) {
    return choose(x, weight).compute(x.pointer(), weight.pointer(), bias);
  }

  private static LinearKernel choose(Tensor x, Tensor weight) {
    long in = weight.size(1);
    long rows = x.numel() / Math.max(1, in);
    if (!x.pointer().is_cpu() || rows < FEW_ROWS) {
      return PRODUCT;
    }
    DType type = computedIn(x);
    if (type == DType.FLOAT64) {
      return PRODUCT;
    }
    return KernelChoices.chosen(shape(rows, in, weight.size(0), type), byRule(type));
  }

  /** Whether it is another way than the rest for a type. */
  boolean suits(DType type) {
    return this == CONVOLUTION || this == PRODUCT || type == DType.FLOAT32;
  }

  /**
   * What is right for most shapes. MKL's products are as fast as convolutions, OpenBLAS's are not.
   * With one thread libtorch gives a 1x1 convolution of one image to OpenBLAS, after copies.
   */
  static LinearKernel byRule(DType type) {
    return type == DType.FLOAT32
            && !Torch.hasMkl()
            && Processor.hasWideVectors()
            && Torch.threads() > 1
        ? CONVOLUTION
        : PRODUCT;
  }

  /** The type in which an operation on a tensor of the CPU computes. */
  static DType computedIn(Tensor x) {
    return x.dtype() == DType.FLOAT32 && torch.is_autocast_enabled(DeviceType.CPU)
        ? DType.of(torch.get_autocast_dtype(DeviceType.CPU))
        : x.dtype();
  }

  /** The shape that stands for all with as many rows or a little more. */
  static KernelShape.Linear shape(long rows, long in, long out, DType type) {
    return new KernelShape.Linear(Math.min(MANY_ROWS, Long.highestOneBit(rows)), in, out, type);
  }

  org.bytedeco.pytorch.Tensor compute(
      org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor weight, TensorOptional bias) {
    return switch (this) {
      case CONVOLUTION -> pointwise(x, weight, bias);
      case PRODUCT -> torch.linear(x, weight, bias);
      case MIXED, SWAPPED ->
          SplitLinear.applies(x, weight) ? split(x, weight, bias) : pointwise(x, weight, bias);
    };
  }

  private org.bytedeco.pytorch.Tensor split(
      org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor weight, TensorOptional bias) {
    long in = weight.size(1);
    try (Scope scope = Scope.open()) {
      var rows = x.reshape(-1, in);
      var fixed = new TensorOptional();
      if (bias.has_value()) {
        fixed = new TensorOptional(bias.get().detach());
      }
      var y = pointwise(rows, weight.detach(), fixed);
      var joined =
          this == MIXED
              ? SplitLinear.withProduct(y, rows, weight, bias)
              : SplitLinear.withConvolution(y, rows, weight, bias);
      return scope.keep(new Tensor(joined.reshape(withLast(x, weight.size(0))))).pointer();
    }
  }

  /** The shape of a tensor with another last side. */
  static long[] withLast(org.bytedeco.pytorch.Tensor x, long last) {
    long[] shape = new long[Math.toIntExact(x.dim())];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = i == shape.length - 1 ? last : x.size(i);
    }
    return shape;
  }

  private static org.bytedeco.pytorch.Tensor pointwise(
      org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor weight, TensorOptional bias) {
    long in = weight.size(1);
    long out = weight.size(0);
    try (org.bytedeco.pytorch.Tensor rows = x.reshape(1, -1, 1, in);
        org.bytedeco.pytorch.Tensor image = rows.permute(0, 3, 1, 2);
        org.bytedeco.pytorch.Tensor kernel = weight.reshape(out, in, 1, 1);
        org.bytedeco.pytorch.Tensor result =
            torch.conv2d(
                image, kernel, bias, new long[] {1, 1}, new long[] {0, 0}, new long[] {1, 1}, 1);
        org.bytedeco.pytorch.Tensor last = result.permute(0, 2, 3, 1)) {
      return last.reshape(withLast(x, out));
    }
  }
}
