package org.efficienttrain.tensor.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Resize;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Gradients of every layer and function against finite differences in float64. The loss weighs
 * every output differently; a few elements of the input and of each parameter are moved.
 */
class GradientCheckTest {
  private static final double EPSILON = 1e-6;

  static Stream<Arguments> layers() {
    return Stream.of(
        layer("Linear", () -> new Linear(6, 4), 3, 6),
        layer("Linear without bias", () -> new Linear(6, 4, false), 2, 3, 6),
        layer("Conv2d", () -> new Conv2d(4, 6, 3, 2, 1), 2, 4, 7, 7),
        layer(
            "Conv2d, depthwise",
            () -> new Conv2d(4, 4, new Conv2d.Window(3, 1, 1), 4, false),
            2,
            4,
            5,
            5),
        layer("LayerNorm", () -> new LayerNorm(6, 1e-6), 3, 4, 6),
        layer("BatchNorm2d", () -> new BatchNorm2d(3), 4, 3, 5, 5),
        layer("BatchNorm2d of vectors", () -> new BatchNorm2d(3, 1e-6, false), 6, 3),
        function("gelu", Functional::gelu, 3, 5),
        function("relu", Tensor::relu, 3, 5),
        function("softmax", x -> x.softmax(-1), 3, 5),
        function("log_softmax", x -> x.logSoftmax(-1), 3, 5),
        function("sigmoid", Tensor::sigmoid, 3, 5),
        function("max_pool2d", x -> Functional.maxPool2d(x, 3, 2, 1), 2, 3, 7, 7),
        function("global average pool", Functional::globalAvgPool, 2, 3, 5, 5),
        function(
            "resize, bicubic, smaller",
            x -> Resize.resize(x, 5, 6, Resize.Kernel.BICUBIC),
            1,
            2,
            9,
            8),
        function(
            "resize, bilinear, larger",
            x -> Resize.resize(x, 9, 7, Resize.Kernel.BILINEAR),
            1,
            2,
            4,
            5),
        function(
            "attention",
            x -> {
              List<Tensor> qkv = x.unbind(0);
              return Functional.scaledDotProductAttention(
                  qkv.get(0), qkv.get(1), qkv.get(2), null, Double.NaN);
            },
            3,
            2,
            2,
            5,
            4),
        function("roll", x -> x.roll(new long[] {1, 2}, new long[] {0, 1}), 4, 5),
        function(
            "cross_entropy",
            x -> Functional.crossEntropy(x, Tensors.of(new long[] {1, 0, 3}), 0.1),
            3,
            5));
  }

  private static Arguments layer(String name, Supplier<Layer> layer, long... input) {
    return Arguments.of(name, layer, input);
  }

  private static Arguments function(String name, UnaryOperator<Tensor> function, long... input) {
    Supplier<Layer> layer =
        () ->
            new Layer() {
              @Override
              public Tensor forward(Tensor x) {
                return function.apply(x);
              }
            };
    return Arguments.of(name, layer, input);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void gradientsEqualFiniteDifferences(String name, Supplier<Layer> create, long[] inputShape) {
    Generator.seed(name.hashCode());
    Layer layer = create.get();
    layer.to(DType.FLOAT64);
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> variables = new LinkedHashMap<>();
      Tensor x = Tensors.randn(inputShape).to(DType.FLOAT64).requiresGrad_(true);
      variables.put("input", x);
      variables.putAll(layer.namedParameters());
      loss(layer, x).backward();
      List<Integer> checked = new ArrayList<>();
      variables.forEach(
          (variable, t) -> {
            double[] gradient = t.grad().toDoubles();
            for (int i = 0; i < gradient.length; i += Math.max(1, gradient.length / 7)) {
              assertThat(gradient[i])
                  .as("%s[%d]", variable, i)
                  .isCloseTo(
                      finiteDifference(layer, x, t, i),
                      within(1e-6 * Math.max(1, Math.abs(gradient[i]))));
              checked.add(i);
            }
          });
      assertThat(checked).hasSizeGreaterThan(2);
    } finally {
      layer.close();
    }
  }

  private static double finiteDifference(Layer layer, Tensor x, Tensor variable, int index) {
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open()) {
      Tensor element = variable.detach().view(-1).narrow(0, index, 1);
      element.add_(EPSILON);
      double above = loss(layer, x).item();
      element.add_(-2 * EPSILON);
      double below = loss(layer, x).item();
      element.add_(EPSILON);
      return (above - below) / (2 * EPSILON);
    }
  }

  private static Tensor loss(Layer layer, Tensor x) {
    Tensor y = layer.forward(x);
    return y.mul(Tensors.arange(y.numel()).to(DType.FLOAT64).add(1).sin().view(y.shape())).sum();
  }
}
