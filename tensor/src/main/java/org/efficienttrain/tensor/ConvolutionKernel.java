package org.efficienttrain.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** The ways to compute a convolution in one group on the CPU. */
enum ConvolutionKernel {
  /** As libtorch does, by oneDNN, which is made for maps of many pixels. */
  DIRECT,

  /**
   * As a matrix product of the patches that the kernel covers with the weight. Where a map has few
   * pixels for its channels this takes half the time, and where patches lie side by side, as in the
   * stem of a transformer, a third.
   */
  PRODUCT;

  /** What overlapping patches are copied to is K*K times the map: it must be small. */
  private static final long MOST_OVERLAPPING = 25;

  /** On larger maps both take as long. */
  private static final long MOST_APART = 1024;

  /** From this many patches on, more of them change no choice. */
  private static final long MANY_PATCHES = 1024;

  /** What is right for most shapes. */
  static ConvolutionKernel byRule() {
    return DIRECT;
  }

  /**
   * Whether a convolution may be computed as a product: on maps of few pixels with channels last,
   * or with patches side by side, and the same on both axes.
   */
  static boolean isOne(
      Tensor x, Tensor weight, long[] stride, long[] padding, long[] dilation, long groups) {
    long side = weight.size(2);
    boolean regular =
        groups == 1
            && side == weight.size(3)
            && stride[0] == stride[1]
            && padding[0] == padding[1]
            && Arrays.stream(dilation).allMatch(d -> d == 1);
    if (!regular || !x.pointer().is_cpu()) {
      return false;
    }
    boolean apart = stride[0] >= side && padding[0] == 0;
    long patches = patches(x, side, stride[0], padding[0]);
    return patches > 0 // else libtorch says that the image is too small
        && patches <= (apart ? MOST_APART : MOST_OVERLAPPING)
        && ((apart && side > 1) || x.pointer().is_contiguous(MemoryFormat.ChannelsLast));
  }

  /**
   * The convolution by whichever way is chosen for its shape.
   *
   * @param x (N, Cin, H, W)
   * @param weight (Cout, Cin, K, K)
   */
  static org.bytedeco.pytorch.Tensor apply(
      Tensor x, Tensor weight, TensorOptional bias, long stride, long padding) {
    DType type = LinearKernel.computedIn(x);
    return KernelChoices.chosen(shape(x, weight, stride, padding, 1, type), byRule())
        .compute(x, weight, bias, stride, padding);
  }

  /**
   * The shape that stands for all with as many images or more.
   *
   * @param times how many times as many images there are
   */
  static KernelShape.Convolution shape(
      Tensor x, Tensor weight, long stride, long padding, long times, DType type) {
    long most = Math.max(1, MANY_PATCHES / patches(x, weight.size(2), stride, padding));
    return new KernelShape.Convolution(
        Long.highestOneBit(Math.min(most, times * x.size(0))),
        x.size(1),
        x.size(2),
        x.size(3),
        weight.size(0),
        weight.size(2),
        stride,
        padding,
        type);
  }

  /** How many patches of an image the kernel covers. */
  private static long patches(Tensor x, long side, long stride, long padding) {
    return Functional.convolved(x.size(2), side, stride, padding, 1)
        * Functional.convolved(x.size(3), side, stride, padding, 1);
  }

  org.bytedeco.pytorch.Tensor compute(
      Tensor x, Tensor weight, TensorOptional bias, long stride, long padding) {
    return switch (this) {
      case DIRECT ->
          torch.conv2d(
              x.pointer(),
              weight.pointer(),
              bias,
              new long[] {stride, stride},
              new long[] {padding, padding},
              new long[] {1, 1},
              1);
      case PRODUCT -> product(x, weight, bias, stride, padding);
    };
  }

  private static org.bytedeco.pytorch.Tensor product(
      Tensor x, Tensor weight, TensorOptional bias, long stride, long padding) {
    try (Scope scope = Scope.open()) {
      long side = weight.size(2);
      var image = x.pointer().to(LinearKernel.computedIn(x).scalarType()).permute(0, 2, 3, 1);
      boolean pairs = pairs(image);
      var maps = pairs ? torch.view_as_complex(image.unflatten(3, -1, 2)) : image;
      var covered = covered(maps, side, stride, padding);
      // (N, H', W', K, K, Cin), or (..., Cin / 2, 2)
      var patches = pairs ? torch.view_as_real(covered.contiguous()) : covered;
      var rows = patches.reshape(-1, side * side * x.size(1));
      var y =
          torch.linear(
              rows, weight.pointer().permute(0, 2, 3, 1).reshape(weight.size(0), -1), bias);
      return scope
          .keep(
              new Tensor(
                  y.view(x.size(0), patches.size(1), patches.size(2), weight.size(0))
                      .permute(0, 3, 1, 2)))
          .pointer();
    }
  }

  /**
   * Whether two channels can be taken for a complex number. Their sums and copies are the same, and
   * libtorch adds the gradients of patches that overlap number by number.
   */
  private static boolean pairs(org.bytedeco.pytorch.Tensor image) {
    return DType.of(image.scalar_type()) == DType.FLOAT32
        && image.size(3) % 2 == 0
        && image.is_contiguous();
  }

  /** The patches of maps (N, H, W, C): a view (N, H', W', K, K, C). */
  private static org.bytedeco.pytorch.Tensor covered(
      org.bytedeco.pytorch.Tensor image, long side, long stride, long padding) {
    long[] around = {0, 0, padding, padding, padding, padding};
    var padded = padding > 0 ? torch.constant_pad_nd(image, around, Ops.scalar(0)) : image;
    return padded.unfold(1, side, stride).unfold(2, side, stride).permute(0, 1, 2, 4, 5, 3);
  }
}
