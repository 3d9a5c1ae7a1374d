package org.efficienttrain.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Node;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * The ways to compute a depthwise convolution on the CPU: one whose every channel has a kernel of
 * its own.
 */
enum DepthwiseKernel {
  /**
   * As libtorch does. oneDNN has no depthwise kernel for the weight gradient of channels-last
   * images; it takes the one for ordinary groups, which computes blocks of 16x16 channels for the
   * sake of their diagonals.
   */
  DIRECT,

  /**
   * As libtorch does, with rows of zeros below a map that has fewer rows than the kernel. On AVX2
   * oneDNN has a kernel for the weight gradient of 3x3, but not on such maps: there it multiplies
   * matrices, for one channel of one image after the other, in up to a hundred times the time.
   */
  PADDED,

  /**
   * The weight gradient as another depthwise convolution, which slides the images over the gradient
   * of the result: each channel of each image is a kernel as large as the image, and a step of the
   * result is an entry of the weight. It is the data gradient of a transposed convolution, and that
   * one's node is hung into the graph.
   */
  SWAPPED;

  /** With smaller kernels the weight gradient takes no longer than the other two on most maps. */
  private static final long LARGE = 5;

  /** From this many images on, and this many pixels, more of them change no choice. */
  private static final long MANY_IMAGES = 4;

  private static final long MANY_PIXELS = 1024;

  private static final long[] ONE = {1, 1};
  private static final long[] NONE = {0, 0};

  /**
   * What is right for most shapes.
   *
   * @param side of the kernel
   */
  static DepthwiseKernel byRule(long side) {
    if (side >= LARGE) {
      return SWAPPED;
    }
    return Processor.hasWideVectors() ? DIRECT : PADDED;
  }

  /**
   * Whether a convolution keeps its image's size, has a kernel for each channel, and one that is
   * large enough to matter, or higher than the image.
   */
  static boolean isOne(
      Tensor x, Tensor weight, long[] stride, long[] padding, long[] dilation, long groups) {
    long side = weight.size(3);
    return groups == x.size(1)
        && groups == weight.size(0)
        && side > 1
        && (side >= LARGE || side > x.size(2))
        && side % 2 == 1
        && weight.size(2) == side
        && Arrays.equals(padding, new long[] {side / 2, side / 2})
        && Arrays.equals(stride, ONE)
        && Arrays.equals(dilation, ONE);
  }

  /**
   * The convolution by whichever way is chosen for its shape; without gradients both are one.
   *
   * @param x (N, C, H, W)
   * @param weight (C, 1, K, K)
   */
  static org.bytedeco.pytorch.Tensor apply(Tensor x, Tensor weight, TensorOptional bias) {
    DType type = LinearKernel.computedIn(x);
    boolean free =
        GradMode.is_enabled()
            && x.pointer().is_cpu()
            && x.requiresGrad()
            && weight.requiresGrad()
            && (type == DType.FLOAT32 || type == DType.BFLOAT16);
    DepthwiseKernel kernel =
        free ? KernelChoices.chosen(shape(x, weight, 1, type), byRule(weight.size(3))) : DIRECT;
    return kernel.compute(x, weight, bias);
  }

  /**
   * The shape that stands for all with as many images or more.
   *
   * @param times how many times as many images there are
   */
  static KernelShape.Depthwise shape(Tensor x, Tensor weight, long times, DType type) {
    long most = Math.max(MANY_IMAGES, MANY_PIXELS / (x.size(2) * x.size(3)));
    long images = Long.highestOneBit(Math.min(most, times * x.size(0)));
    return new KernelShape.Depthwise(images, x.size(1), x.size(2), x.size(3), weight.size(3), type);
  }

  org.bytedeco.pytorch.Tensor compute(Tensor x, Tensor weight, TensorOptional bias) {
    long half = weight.size(3) / 2;
    return switch (this) {
      case DIRECT -> convolve(x.pointer(), weight.pointer(), bias, half);
      case PADDED -> {
        try (Scope scope = Scope.open()) {
          yield scope.keep(new Tensor(padded(x, weight, bias))).pointer();
        }
      }
      case SWAPPED -> {
        try (Scope scope = Scope.open()) {
          DType type = LinearKernel.computedIn(x);
          var image = x.pointer().to(type.scalarType());
          var kernel = weight.pointer().to(type.scalarType());
          yield scope.keep(new Tensor(swapped(dense(image), kernel, bias))).pointer();
        }
      }
    };
  }

  private static org.bytedeco.pytorch.Tensor convolve(
      org.bytedeco.pytorch.Tensor x,
      org.bytedeco.pytorch.Tensor weight,
      TensorOptional bias,
      long padding) {
    return torch.conv2d(x, weight, bias, ONE, new long[] {padding, padding}, ONE, weight.size(0));
  }

  private static org.bytedeco.pytorch.Tensor padded(Tensor x, Tensor weight, TensorOptional bias) {
    long rows = x.size(2);
    long side = weight.size(3);
    var image = x.pointer().to(LinearKernel.computedIn(x).scalarType());
    var higher = withMargin(image, Math.max(rows, side), x.size(3));
    return convolve(higher, weight.pointer(), bias, side / 2).narrow(2, 0, rows);
  }

  /** The image with zeros below and to the right, up to a size. */
  private static org.bytedeco.pytorch.Tensor withMargin(
      org.bytedeco.pytorch.Tensor image, long rows, long columns) {
    return rows == image.size(2) && columns == image.size(3)
        ? image
        : torch.constant_pad_nd(
            image, new long[] {0, columns - image.size(3), 0, rows - image.size(2)}, Ops.scalar(0));
  }

  /** Of a type in which it is to be computed. */
  private static org.bytedeco.pytorch.Tensor swapped(
      org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor weight, TensorOptional bias) {
    long half = weight.size(3) / 2;
    var fixed = bias.has_value() ? new TensorOptional(bias.get().detach()) : new TensorOptional();
    var y = convolve(x.detach(), weight.detach(), fixed, half);
    // A map smaller than half a kernel gets a margin, without which oneDNN multiplies matrices.
    long rows = Math.max(x.size(2), half + 1);
    long columns = Math.max(x.size(3), half + 1);
    var kernels =
        withMargin(x.detach(), rows, columns)
            .reshape(x.size(0) * x.size(1), 1, rows, columns)
            .contiguous();
    var joined =
        GradientNodes.join(dataGradient(y, x, weight, kernels), weightGradient(y, weight, kernels));
    if (bias.has_value() && bias.get().requires_grad()) {
      var shift = bias.get().to(y.scalar_type()).view(1, x.size(1), 1, 1);
      joined = GradientNodes.join(joined, shift.expand(sizes(y)));
    }
    return joined;
  }

  /** The result with a gradient to the image, of which the node asks for the layout alone. */
  private static org.bytedeco.pytorch.Tensor dataGradient(
      org.bytedeco.pytorch.Tensor y,
      org.bytedeco.pytorch.Tensor x,
      org.bytedeco.pytorch.Tensor weight,
      org.bytedeco.pytorch.Tensor memory) {
    var saved = GradientNodes.empty(x, 0, x.size(1), x.size(2), x.size(3)).requires_grad_(true);
    Node node =
        convolve(saved, weight.detach(), new TensorOptional(), weight.size(3) / 2).grad_fn();
    saved.set_data(memory.as_strided(x.sizes(), x.strides()));
    GradientNodes.onwards(node, x.alias(), 3);
    return GradientNodes.under(y, node);
  }

  /** Something of the result's shape, whose gradient goes to the weight. */
  private static org.bytedeco.pytorch.Tensor weightGradient(
      org.bytedeco.pytorch.Tensor y,
      org.bytedeco.pytorch.Tensor weight,
      org.bytedeco.pytorch.Tensor kernels) {
    long n = y.size(0);
    long channels = y.size(1);
    long side = weight.size(3);
    long planes = n * channels;
    var each = weight.flip(2, 3).transpose(0, 1).expand(n, channels, side, side);
    var all =
        GradientNodes.under(GradientNodes.shapeOnly(y, n, channels, side, side), each.grad_fn())
            .view(1, planes, side, side);
    var saved = GradientNodes.empty(y, 0, planes, side, side).requires_grad_(true);
    Node node =
        torch
            .conv_transpose2d(
                saved,
                kernels,
                new TensorOptional(),
                ONE,
                new long[] {side / 2, side / 2},
                NONE,
                planes,
                ONE)
            .grad_fn();
    saved.set_data(GradientNodes.shapeOnly(y, 1, planes, side, side));
    GradientNodes.onwards(node, all, 3);
    long rows = kernels.size(2);
    long columns = kernels.size(3);
    var maps =
        GradientNodes.under(GradientNodes.shapeOnly(y, 1, planes, rows, columns), node)
            .view(n, channels, rows, columns);
    return maps.narrow(2, 0, y.size(2)).narrow(3, 0, y.size(3));
  }

  /** The image in memory without gaps. */
  private static org.bytedeco.pytorch.Tensor dense(org.bytedeco.pytorch.Tensor image) {
    return image.is_non_overlapping_and_dense()
        ? image
        : image.contiguous(torch.MemoryFormat.ChannelsLast);
  }

  private static long[] sizes(org.bytedeco.pytorch.Tensor y) {
    return new long[] {y.size(0), y.size(1), y.size(2), y.size(3)};
  }
}
