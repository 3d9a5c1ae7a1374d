package org.efficienttrain.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RoundedProductsTest {
  /** What goes through {@link RoundedProducts}. */
  private enum Product {
    CONVOLUTION,
    DEPTHWISE,
    LINEAR,
    MATMUL,
    ATTENTION,
    MASKED_ATTENTION;

    private List<Tensor> inputs() {
      long[][] shapes =
          switch (this) {
            case CONVOLUTION -> new long[][] {{2, 8, 9, 7}, {12, 8, 3, 3}, {12}};
            case DEPTHWISE -> new long[][] {{2, 16, 9, 7}, {16, 1, 7, 7}};
            case LINEAR -> new long[][] {{2, 65, 24}, {40, 24}, {40}};
            case MATMUL -> new long[][] {{3, 7, 16}, {16, 5}};
            case ATTENTION -> new long[][] {{2, 3, 9, 8}, {2, 3, 5, 8}, {2, 3, 5, 8}};
            case MASKED_ATTENTION ->
                new long[][] {{2, 3, 9, 8}, {2, 3, 9, 8}, {2, 3, 9, 8}, {1, 3, 9, 9}};
          };
      Generator.seed(3);
      List<Tensor> all = new ArrayList<>();
      Arrays.stream(shapes).forEach(shape -> all.add(Tensors.randn(shape)));
      return all;
    }

    private Tensor of(List<Tensor> x) {
      return switch (this) {
        case CONVOLUTION -> Functional.conv2d(x.get(0), x.get(1), x.get(2), 2, 1, 1);
        case DEPTHWISE -> Functional.conv2d(x.get(0), x.get(1), null, 1, 3, 16);
        case LINEAR -> Functional.linear(x.get(0), x.get(1), x.get(2));
        case MATMUL -> x.get(0).matmul(x.get(1));
        case ATTENTION ->
            Functional.scaledDotProductAttention(x.get(0), x.get(1), x.get(2), null, Double.NaN);
        case MASKED_ATTENTION ->
            Functional.scaledDotProductAttention(x.get(0), x.get(1), x.get(2), x.get(3), 0.3);
      };
    }
  }

  /** Result and gradients, as float64; what stands before the result is rounded too. */
  private static List<Tensor> run(
      List<Tensor> inputs, Function<List<Tensor>, Tensor> product, DType type) {
    inputs.forEach(x -> x.requiresGrad_(true));
    Tensor y = product.apply(inputs);
    Generator.seed(4);
    Tensor factor = Tensors.randn(y.shape()).to(type).to(DType.FLOAT64);
    y.to(DType.FLOAT64).mul(factor).sum().backward();
    List<Tensor> all = new ArrayList<>(List.of(y.detach().to(DType.FLOAT64)));
    inputs.forEach(x -> all.add(x.grad().to(DType.FLOAT64)));
    return all;
  }

  private static double greatest(Tensor x) {
    double greatest = 0;
    for (float value : x.to(DType.FLOAT32).toFloats()) {
      assertThat(value).isFinite();
      greatest = Math.max(greatest, value);
    }
    return greatest;
  }

  private static void check(Product product, DType type, double unit) {
    try (Scope scope = Scope.open()) {
      List<Tensor> inputs = product.inputs();
      List<Tensor> exact =
          run(inputs.stream().map(x -> x.to(type).to(DType.FLOAT64)).toList(), product::of, type);
      List<Tensor> found =
          run(
              inputs,
              x -> {
                try (Autocast autocast = Autocast.open(Device.CPU, type)) {
                  var y = RoundedProducts.rounded(type, x, in -> product.of(in).pointer());
                  assertThat(torch.is_autocast_enabled(DeviceType.CPU)).isTrue();
                  assertThat(DType.of(y.scalar_type())).isEqualTo(type);
                  return new Tensor(y);
                }
              },
              type);
      for (int i = 0; i < exact.size(); i++) {
        // Half a unit from the rounding, and what float32 adds before it.
        Tensor allowed = exact.get(i).abs().mul(unit / 2 * 1.001).add(1e-5);
        double worst = greatest(found.get(i).sub(exact.get(i)).abs().div(allowed));
        assertThat(worst).as(product + " " + type + " " + i).isLessThanOrEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void resultsAndGradientsAreTheExactOnesRounded(Product product) {
    check(product, DType.BFLOAT16, 0x1p-7);
    check(product, DType.FLOAT16, 0x1p-10);
  }

  /** What oneDNN computes where it has kernels for the type differs in the last bits at most. */
  @ParameterizedTest
  @EnumSource
  void theProcessorsOwnAreTheSame(Product product) {
    try (Scope scope = Scope.open()) {
      List<Tensor> inputs = product.inputs();
      Tensor own;
      Tensor rounded;
      try (Autocast autocast = Autocast.open(Device.CPU, DType.BFLOAT16)) {
        own = product.of(inputs).to(DType.FLOAT32);
        rounded =
            new Tensor(
                    RoundedProducts.rounded(DType.BFLOAT16, inputs, x -> product.of(x).pointer()))
                .to(DType.FLOAT32);
      }
      double scale = Math.sqrt(own.square().mean().item());
      assertThat(greatest(rounded.sub(own).abs())).isLessThan(0x1p-6 * 4 * scale);
    }
  }

  @Test
  void typesThatHaveKernelsAreLeftAlone() {
    assertThat(RoundedProducts.computedIn(DType.FLOAT32)).isEqualTo(DType.FLOAT32);
    assertThat(RoundedProducts.computedIn(DType.FLOAT64)).isEqualTo(DType.FLOAT64);
    assertThat(RoundedProducts.computedIn(DType.BFLOAT16))
        .isEqualTo(Processor.hasWideVectors() ? DType.BFLOAT16 : DType.FLOAT32);
    assertThat(RoundedProducts.computedIn(DType.FLOAT16)).isEqualTo(DType.FLOAT32);
  }
}
