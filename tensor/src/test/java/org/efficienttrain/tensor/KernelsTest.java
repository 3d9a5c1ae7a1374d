package org.efficienttrain.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.Float32Backend;
import org.bytedeco.pytorch.global.torch.Float32Op;
import org.bytedeco.pytorch.global.torch.Float32Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class KernelsTest {
  @AfterEach
  void byTheRule() {
    KernelChoices.NONE.use();
  }

  static Stream<KernelShape> shapes() {
    return Stream.of(
        LinearKernel.shape(130, 24, 40, DType.FLOAT32),
        AttentionKernel.shape(
            Tensors.zeros(2, 3, 70, 16), Tensors.zeros(2, 3, 50, 16), 1, DType.FLOAT32),
        AttentionKernel.shape(
            Tensors.zeros(2, 70, 3, 16).transpose(1, 2),
            Tensors.zeros(2, 50, 3, 16).transpose(1, 2),
            1,
            DType.FLOAT32),
        new KernelShape.MaskedAttention(24, 9, 8),
        new KernelShape.MaskedAttention(16, 25, 8),
        // As many scores in short rows as are laid out anew for the softmax.
        new KernelShape.MaskedAttention(192, 9, 8),
        new KernelShape.Attention(64, 36, 7, 16, true, DType.FLOAT32),
        new KernelShape.Convolution(3, 24, 5, 4, 16, 3, 1, 1, DType.FLOAT32),
        new KernelShape.Convolution(3, 24, 7, 6, 16, 3, 2, 1, DType.FLOAT32),
        new KernelShape.Convolution(2, 24, 6, 5, 16, 1, 2, 0, DType.FLOAT32),
        new KernelShape.Convolution(2, 3, 17, 16, 32, 8, 8, 0, DType.FLOAT32),
        new KernelShape.Depthwise(2, 24, 9, 11, 7, DType.FLOAT32),
        new KernelShape.Depthwise(3, 16, 3, 2, 7, DType.FLOAT32),
        new KernelShape.Depthwise(2, 5, 6, 4, 5, DType.FLOAT32),
        new KernelShape.Depthwise(3, 8, 1, 8, 3, DType.FLOAT32),
        new KernelShape.Depthwise(3, 8, 2, 2, 3, DType.FLOAT32));
  }

  /** Result and gradients of an implementation. */
  private static List<Tensor> run(Function<List<Tensor>, Tensor> kernel, KernelShape shape) {
    Generator.seed(5);
    List<Tensor> inputs =
        shape.inputs().stream().map(t -> Tensors.randn(t.shape()).requiresGrad_(true)).toList();
    // As in a network: what comes in was computed.
    Tensor y = kernel.apply(inputs.stream().map(t -> t.mul(1)).toList());
    y.mul(Tensors.randn(y.shape())).sum().backward();
    List<Tensor> out = new ArrayList<>(List.of(y.detach()));
    inputs.forEach(t -> out.add(t.grad()));
    return out;
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void implementationsAgreeForwardAndBackward(KernelShape shape) {
    int before = Torch.threads();
    Torch.setThreads(2); // with one, libtorch gives convolutions and products to the same kernel
    try (Scope scope = Scope.open()) {
      var all = shape.implementations();
      assertThat(all).hasSizeGreaterThan(1).containsKey(shape.byRule());
      List<Tensor> expected = run(all.get(shape.byRule()), shape);
      all.forEach(
          (name, kernel) -> {
            List<Tensor> found = run(kernel, shape);
            for (int i = 0; i < expected.size(); i++) {
              double error = Math.sqrt(found.get(i).sub(expected.get(i)).square().sum().item());
              assertThat(error).as(name + " " + i).isLessThan(1e-3);
            }
          });
    } finally {
      Torch.setThreads(before);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void openBlasHasAllItsThreadsAndTheProductsAfterEveryPass(KernelShape shape) {
    int before = Torch.threads();
    Torch.setThreads(2);
    try (Scope scope = Scope.open()) {
      shape.implementations().values().forEach(kernel -> run(kernel, shape));
      if (!Torch.hasMkl()) {
        assertThat(openblas.blas_get_num_threads()).isEqualTo(2);
      }
      assertThat(torch.globalContext().float32Precision(Float32Backend.MKLDNN, Float32Op.MATMUL))
          .isNotEqualTo(Float32Precision.BF16);
    } finally {
      Torch.setThreads(before);
    }
  }

  /** With and without a bias, after a layer that learns and as the first one. */
  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void everyWayGivesALayersGradients(boolean withBias, boolean first) {
    int before = Torch.threads();
    Torch.setThreads(2);
    try (Scope scope = Scope.open()) {
      Map<LinearKernel, List<Tensor>> all = new EnumMap<>(LinearKernel.class);
      for (LinearKernel kernel : LinearKernel.values()) {
        Generator.seed(7);
        Tensor x = Tensors.randn(2, 65, 24).requiresGrad_(!first);
        Tensor weight = Tensors.randn(40, 24).requiresGrad_(true);
        Tensor bias = withBias ? Tensors.randn(40).requiresGrad_(true) : null;
        Tensor y = new Tensor(kernel.compute(x.pointer(), weight.pointer(), Ops.optional(bias)));
        y.mul(Tensors.randn(y.shape())).sum().backward();
        List<Tensor> found = new ArrayList<>(List.of(y.detach(), weight.grad()));
        if (withBias) {
          found.add(bias.grad());
        }
        if (!first) {
          found.add(x.grad());
        }
        all.put(kernel, found);
      }
      all.forEach(
          (kernel, found) -> {
            for (int i = 0; i < found.size(); i++) {
              Tensor expected = all.get(LinearKernel.PRODUCT).get(i);
              assertThat(found.get(i).shape()).isEqualTo(expected.shape());
              double error = Math.sqrt(found.get(i).sub(expected).square().sum().item());
              assertThat(error).as(kernel + " " + i).isLessThan(1e-3);
            }
          });
    } finally {
      Torch.setThreads(before);
    }
  }

  /** With and without a bias, of both layouts, in both precisions, large maps and small ones. */
  @ParameterizedTest
  @CsvSource({
    "true, true, FLOAT32, 9", "false, true, FLOAT32, 3", "true, false, FLOAT32, 9",
    "true, true, BFLOAT16, 9", "false, true, BFLOAT16, 2", "true, false, BFLOAT16, 1"
  })
  void everyWayGivesADepthwiseConvolutionsGradients(
      boolean withBias, boolean channelsLast, DType type, long height) {
    try (Scope scope = Scope.open()) {
      List<Tensor> plain =
          depthwise(DepthwiseKernel.DIRECT, withBias, channelsLast, DType.FLOAT32, height);
      List<Tensor> swapped =
          depthwise(DepthwiseKernel.SWAPPED, withBias, channelsLast, type, height);
      double bound = type == DType.FLOAT32 ? 1e-5 : 1e-2; // 2^-9 in a few roundings
      for (int i = 0; i < plain.size(); i++) {
        Tensor expected = plain.get(i);
        Tensor found = swapped.get(i).to(DType.FLOAT32);
        assertThat(found.shape()).isEqualTo(expected.shape());
        double error = Math.sqrt(found.sub(expected).square().sum().item());
        double size = Math.sqrt(expected.square().sum().item());
        assertThat(error).as("tensor " + i).isLessThan(bound * size);
      }
    }
  }

  /** Result and gradients of image, weight and bias, through the operation that networks call. */
  private static List<Tensor> depthwise(
      DepthwiseKernel kernel, boolean withBias, boolean channelsLast, DType type, long height) {
    Generator.seed(7);
    Tensor x = Tensors.randn(3, 32, height, 5);
    x = (channelsLast ? x.channelsLast() : x).requiresGrad_(true);
    Tensor weight = Tensors.randn(32, 1, 7, 7).requiresGrad_(true);
    Tensor bias = withBias ? Tensors.randn(32).requiresGrad_(true) : null;
    KernelChoices.fromMap(
            Map.of(DepthwiseKernel.shape(x, weight, 1, type).text(), KernelChoices.nameOf(kernel)))
        .use();
    Tensor y;
    try (Autocast autocast = Autocast.open(Device.CPU, type)) {
      y = Functional.conv2d(x, weight, bias, 1, 3, 32);
    }
    assertThat(y.dtype()).isEqualTo(type);
    y.mul(Tensors.randn(y.shape())).sum().backward();
    List<Tensor> out = new ArrayList<>(List.of(y.detach(), x.grad(), weight.grad()));
    if (withBias) {
      out.add(bias.grad());
    }
    return out;
  }

  /** Gradients add up over micro-batches, and without gradients the ways are one. */
  @Test
  void aDepthwiseConvolutionAccumulatesAndIsPlainWithoutGradients() {
    try (Scope scope = Scope.open()) {
      Tensor weight = Tensors.randn(8, 1, 7, 7).requiresGrad_(true);
      Tensor x = Tensors.randn(2, 8, 9, 9).channelsLast().requiresGrad_(true);
      Functional.conv2d(x, weight, null, 1, 3, 8).sum().backward();
      Tensor once = weight.grad().copy();
      Functional.conv2d(x, weight, null, 1, 3, 8).sum().backward();
      assertThat(weight.grad().bitEquals(once.mul(2))).isTrue();
      Tensor learnt = Functional.conv2d(x, weight, null, 1, 3, 8).detach();
      try (NoGrad noGrad = NoGrad.open()) {
        assertThat(Functional.conv2d(x, weight, null, 1, 3, 8).bitEquals(learnt)).isTrue();
      }
    }
  }

  /** Under a mask too the choice counts, and the bits are those of the rule elsewhere. */
  @Test
  void attentionUnderATrainedMaskGoesByItsChoice() {
    try (Scope scope = Scope.open()) {
      Tensor q = Tensors.randn(8, 3, 9, 8);
      Tensor mask = Tensors.randn(1, 3, 9, 9).requiresGrad_(true);
      Tensor plain = Functional.scaledDotProductAttention(q, q, q, mask, 0.1).detach();
      Tensor composed = new Tensor(AttentionKernel.COMPOSED.compute(q, q, q, mask, 0.1)).detach();
      assertThat(plain.bitEquals(composed)).isTrue();
      KernelChoices.fromMap(Map.of("attention 9x9x8 of 16 masked float32", "widened")).use();
      Tensor widened = new Tensor(AttentionKernel.WIDENED.compute(q, q, q, mask, 0.1)).detach();
      Tensor chosen = Functional.scaledDotProductAttention(q, q, q, mask, 0.1).detach();
      assertThat(chosen.bitEquals(widened)).isTrue();
      assertThat(chosen.bitEquals(plain)).isFalse();
    }
  }

  /** By their rounding: sums of 600 products differ in the last bits. */
  @Test
  void layersGoByTheChoiceForTheirShape() {
    int before = Torch.threads();
    Torch.setThreads(2); // with one, libtorch gives both to OpenBLAS
    try (Scope scope = Scope.open()) {
      Tensor x = Tensors.randn(4, 40, 600); // 160 rows, which count as 128
      Tensor weight = Tensors.randn(40, 600);
      Map<LinearKernel, Tensor> results = new EnumMap<>(LinearKernel.class);
      for (LinearKernel kernel : LinearKernel.values()) {
        KernelChoices.fromMap(Map.of("linear 128x600->40 float32", KernelChoices.nameOf(kernel)))
            .use();
        Tensor expected =
            new Tensor(kernel.compute(x.pointer(), weight.pointer(), Ops.optional(null)));
        results.put(kernel, Functional.linear(x, weight, null));
        assertThat(results.get(kernel).bitEquals(expected)).isTrue();
      }
      Tensor convolved = results.get(LinearKernel.CONVOLUTION);
      assertThat(results.get(LinearKernel.PRODUCT).bitEquals(convolved)).isFalse();
      assertThat(results.get(LinearKernel.MIXED).bitEquals(convolved)).isTrue();
    } finally {
      Torch.setThreads(before);
    }
  }

  @Test
  void anImageSmallerThanTheKernelIsNamed() {
    try (Scope scope = Scope.open()) {
      Tensor x = Tensors.randn(1, 8, 2, 2).channelsLast();
      Tensor weight = Tensors.randn(6, 8, 3, 3);
      assertThatThrownBy(() -> Functional.conv2d(x, weight, null, 1, 0, 1))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("conv2d([1, 8, 2, 2]");
    }
  }

  @Test
  void unknownNamesGoByTheRule() {
    KernelChoices.fromMap(Map.of("linear 128x24->40 float32", "magic", "nonsense", "")).use();
    try (Scope scope = Scope.open()) {
      assertThat(Functional.linear(Tensors.randn(128, 24), Tensors.randn(40, 24), null).shape())
          .containsExactly(128, 40);
    }
  }
}
