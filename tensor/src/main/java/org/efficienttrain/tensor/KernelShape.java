package org.efficienttrain.tensor;

import static org.efficienttrain.tensor.AttentionKernel.COMPOSED;
import static org.efficienttrain.tensor.AttentionKernel.FUSED;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.bytedeco.pytorch.TensorOptional;

/** An operation of one shape that has several implementations. */
sealed interface KernelShape {
  /** The key of its choice. */
  String text();

  /** The same of twice as many samples. */
  KernelShape twice();

  /** The name of the implementation that is taken where nothing is chosen. */
  String byRule();

  /** What it is computed from, in the current scope. */
  List<Tensor> inputs();

  /** Each implementation by its name, from the inputs to the result. */
  Map<String, Function<List<Tensor>, Tensor>> implementations();

  private static Tensor filled(DType type, long... shape) {
    return Tensors.full(0.01, type, Device.CPU, shape);
  }

  private static String lower(DType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  private static <K extends Enum<K>> Map<String, Function<List<Tensor>, Tensor>> byName(
      List<K> kernels, BiFunction<K, List<Tensor>, org.bytedeco.pytorch.Tensor> compute) {
    Map<String, Function<List<Tensor>, Tensor>> all = new LinkedHashMap<>();
    for (K kernel : kernels) {
      all.put(KernelChoices.nameOf(kernel), x -> new Tensor(compute.apply(kernel, x)));
    }
    return all;
  }

  /** A result from inputs whose third is a bias. */
  private static org.bytedeco.pytorch.Tensor withBias(
      List<Tensor> x, Function<TensorOptional, org.bytedeco.pytorch.Tensor> compute) {
    try (TensorOptional bias = Ops.optional(x.get(2))) {
      return compute.apply(bias);
    }
  }

  /** A linear layer with a bias over rows. */
  record Linear(long rows, long in, long out, DType type) implements KernelShape {
    @Override
    public String text() {
      return "linear " + rows + "x" + in + "->" + out + " " + lower(type);
    }

    @Override
    public KernelShape twice() {
      return new Linear(2 * rows, in, out, type);
    }

    @Override
    public String byRule() {
      return KernelChoices.nameOf(LinearKernel.byRule(type));
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(filled(type, rows, in), filled(type, out, in), filled(type, out));
    }

    @Override
    public Map<String, Function<List<Tensor>, Tensor>> implementations() {
      List<LinearKernel> kernels =
          Arrays.stream(LinearKernel.values()).filter(kernel -> kernel.suits(type)).toList();
      return byName(
          kernels,
          (kernel, x) ->
              withBias(x, bias -> kernel.compute(x.get(0).pointer(), x.get(1).pointer(), bias)));
    }
  }

  /** A depthwise convolution with a bias, channels last, as large as its image. */
  record Depthwise(long images, long channels, long height, long width, long side, DType type)
      implements KernelShape {
    @Override
    public String text() {
      String image = images + "x" + channels + "x" + height + "x" + width;
      return "depthwise " + image + " by " + side + " " + lower(type);
    }

    @Override
    public KernelShape twice() {
      return new Depthwise(2 * images, channels, height, width, side, type);
    }

    @Override
    public String byRule() {
      return KernelChoices.nameOf(DepthwiseKernel.byRule(side));
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(
          filled(type, images, channels, height, width).channelsLast(),
          filled(type, channels, 1, side, side),
          filled(type, channels));
    }

    @Override
    public Map<String, Function<List<Tensor>, Tensor>> implementations() {
      return byName(
          List.of(DepthwiseKernel.values()),
          (kernel, x) -> withBias(x, bias -> kernel.compute(x.get(0), x.get(1), bias)));
    }
  }

  /** A convolution in one group with a bias, channels last, by a kernel of a square. */
  record Convolution(
      long images,
      long in,
      long height,
      long width,
      long out,
      long side,
      long stride,
      long padding,
      DType type)
      implements KernelShape {
    @Override
    public String text() {
      String image = images + "x" + in + "x" + height + "x" + width;
      String kernel = side + " stride " + stride + " padding " + padding;
      return "convolution " + image + "->" + out + " by " + kernel + " " + lower(type);
    }

    @Override
    public KernelShape twice() {
      return new Convolution(2 * images, in, height, width, out, side, stride, padding, type);
    }

    @Override
    public String byRule() {
      return KernelChoices.nameOf(ConvolutionKernel.byRule());
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(
          filled(type, images, in, height, width).channelsLast(),
          filled(type, out, in, side, side).channelsLast(),
          filled(type, out));
    }

    @Override
    public Map<String, Function<List<Tensor>, Tensor>> implementations() {
      return byName(
          List.of(ConvolutionKernel.values()),
          (kernel, x) ->
              withBias(x, bias -> kernel.compute(x.get(0), x.get(1), bias, stride, padding)));
    }
  }

  /**
   * Attention of {@code queries} tokens to {@code keys} others, without a mask.
   *
   * @param interleaved whether a token's heads lie side by side in memory, as a linear layer gives
   *     them, and are to lie so in the result: some ways copy them apart and back
   */
  record Attention(long heads, long queries, long keys, long width, boolean interleaved, DType type)
      implements KernelShape {
    /** As many heads as tokens of small networks have. */
    private static final long TOGETHER = 4;

    @Override
    public String text() {
      String shape = queries + "x" + keys + "x" + width + " of " + heads;
      return "attention " + shape + (interleaved ? " interleaved " : " ") + lower(type);
    }

    @Override
    public KernelShape twice() {
      return new Attention(2 * heads, queries, keys, width, interleaved, type);
    }

    @Override
    public String byRule() {
      return KernelChoices.nameOf(AttentionKernel.byRule(type));
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(tokens(queries), tokens(keys), tokens(keys));
    }

    private Tensor tokens(long count) {
      long together = Math.min(TOGETHER, heads);
      return interleaved
          ? filled(type, heads / together, count, together, width).transpose(1, 2)
          : filled(type, 1, heads, count, width);
    }

    @Override
    public Map<String, Function<List<Tensor>, Tensor>> implementations() {
      List<AttentionKernel> kernels = new ArrayList<>(List.of(FUSED));
      kernels.addAll(AttentionKernel.ofTwoProducts(keys, width, type));
      return byName(
          kernels,
          (kernel, x) -> {
            var mixed = kernel.compute(x.get(0), x.get(1), x.get(2), null, 0.1);
            return interleaved ? mixed.transpose(1, 2).contiguous() : mixed;
          });
    }
  }

  /** Attention in float32 of few tokens to themselves, under a trained mask. */
  record MaskedAttention(long heads, long tokens, long width) implements KernelShape {
    @Override
    public String text() {
      String shape = tokens + "x" + tokens + "x" + width;
      return "attention " + shape + " of " + heads + " masked float32";
    }

    @Override
    public KernelShape twice() {
      return new MaskedAttention(2 * heads, tokens, width);
    }

    @Override
    public String byRule() {
      return KernelChoices.nameOf(COMPOSED);
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(
          filled(DType.FLOAT32, heads, 1, tokens, width),
          filled(DType.FLOAT32, heads, 1, tokens, width),
          filled(DType.FLOAT32, heads, 1, tokens, width),
          filled(DType.FLOAT32, 1, 1, tokens, tokens));
    }

    @Override
    public Map<String, Function<List<Tensor>, Tensor>> implementations() {
      return byName(
          AttentionKernel.underMask(tokens, width),
          (kernel, x) -> kernel.compute(x.get(0), x.get(1), x.get(2), x.get(3), 0.1));
    }
  }
}
