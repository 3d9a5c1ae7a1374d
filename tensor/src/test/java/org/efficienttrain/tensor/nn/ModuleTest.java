package org.efficienttrain.tensor.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Fill;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModuleTest {
  private static final class Net extends Layer {
    private final List<Layer> layers =
        children("layers", List.of(new Conv2d(3, 4, 3, 1, 1), new BatchNorm2d(4)));
    private final Linear head = child("head", new Linear(4, 2));

    @Override
    public Tensor forward(Tensor x) {
      return head.forward(Functional.globalAvgPool(chain(x, layers)));
    }
  }

  @Test
  void namesFollowTheTreeInOrder() {
    Net net = new Net();
    assertThat(net.state().keySet())
        .containsExactly(
            "layers.0.weight",
            "layers.0.bias",
            "layers.1.weight",
            "layers.1.bias",
            "layers.1.running_mean",
            "layers.1.running_var",
            "head.weight",
            "head.bias");
    assertThat(net.namedParameters()).hasSize(6);
    assertThat(net.parameterCount()).isEqualTo(4 * 27 + 4 + 8 + 10);
  }

  @Test
  void trainingAndEvaluationReachEveryModule() {
    Net net = new Net();
    net.eval();
    net.apply(m -> assertThat(m.isTraining()).isFalse());
    net.train();
    net.apply(m -> assertThat(m.isTraining()).isTrue());
  }

  @Test
  void weightsSurviveTheScopeOfAStepAndKeepTheirIdentityThroughAConversion() {
    Net net = new Net();
    Map<String, Tensor> before = new LinkedHashMap<>(net.state());
    net.to(DType.FLOAT64);
    try (Scope scope = Scope.open()) {
      net.forward(Tensors.ones(2, 3, 4, 4).to(DType.FLOAT64)).sum().backward();
    }
    assertThat(net.state()).isEqualTo(before);
    assertThat(net.head.weight.dtype()).isEqualTo(DType.FLOAT64);
    assertThat(net.head.weight.grad()).isNotNull();
    net.zeroGrad();
    assertThat(net.head.weight.grad()).isNull();
  }

  @Test
  void buildingInsideAScopeIsRefused() {
    try (Scope scope = Scope.open()) {
      assertThatThrownBy(Net::new)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("outside");
    }
  }

  @Test
  void copyingAStateChecksNamesAndShapes() {
    Net net = new Net();
    Map<String, Tensor> state = new LinkedHashMap<>(new Net().state());
    net.copyState(state);
    assertThat(net.head.weight.bitEquals(state.get("head.weight"))).isTrue();
    state.put("head.weight", Tensors.ones(3, 4));
    assertThatThrownBy(() -> net.copyState(state))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("head.weight");
    state.remove("layers.0.bias");
    assertThatThrownBy(() -> net.copyState(state)).hasMessageContaining("layers.0.bias");
  }

  @Test
  void batchStatisticsAreUsedInTrainingAndRunningOnesInEvaluation() {
    BatchNorm2d norm = new BatchNorm2d(1);
    try (Scope scope = Scope.open()) {
      Tensor x = Tensors.of(new float[] {1, 3}, 2, 1, 1, 1);
      assertThat((double) norm.forward(x).toFloats()[1]).isCloseTo(1, within(1e-4));
      assertThat((double) norm.runningMean.toFloats()[0]).isCloseTo(0.2, within(1e-6));
      assertThat((double) norm.runningVar.toFloats()[0]).isCloseTo(0.9 + 0.1 * 2, within(1e-6));
      norm.eval();
      assertThat((double) norm.forward(x).toFloats()[0])
          .isCloseTo((1 - 0.2) / Math.sqrt(1.1 + 1e-5), within(1e-5));
    }
  }

  /**
   * The head of a linear probe, by the official code: batch statistics without scale and shift,
   * then a linear layer; in training, what it counts, and in evaluation.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void normalisesFeaturesAsALinearProbeDoes(boolean synchronised) throws IOException {
    JsonNode golden;
    try (InputStream in = ModuleTest.class.getResourceAsStream("/golden/ops/mae_finetune.json")) {
      golden = new ObjectMapper().readTree(in).get("probe_head");
    }
    BatchNorm2d norm = new BatchNorm2d(5, 1e-6, false);
    assertThat(norm.state().keySet()).containsExactly("running_mean", "running_var");
    if (synchronised) {
      norm.synchronise(own -> own); // a sum over one rank
    }
    try (Scope scope = Scope.open()) {
      Tensor x = Fill.tensor("probe-input", 8, 5).mul(2).add(0.5);
      Tensor weight = Fill.tensor("probe.weight", 3, 5).mul(Math.sqrt(3.0 / 5));
      Tensor bias = Fill.tensor("probe.bias", 3).mul(0.1);
      assertClose(Functional.linear(norm.forward(x), weight, bias), golden.get("train_output"));
      assertClose(norm.runningMean, golden.get("running_mean_after"));
      assertClose(norm.runningVar, golden.get("running_var_after"));
      norm.eval();
      assertClose(
          Functional.linear(norm.forward(x), weight, bias), golden.get("eval_output_after"));
    }
  }

  private static void assertClose(Tensor ours, JsonNode golden) {
    double[] values = ours.toDoubles();
    assertThat(values).hasSize(golden.size());
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).isCloseTo(golden.get(i).asDouble(), within(3e-6));
    }
  }

  @Test
  void dropPathDropsWholeSamplesKeepsTheMeanAndRestsInEvaluation() {
    DropPath drop = new DropPath(0.25);
    Generator.seed(7);
    try (Scope scope = Scope.open()) {
      Tensor x = Tensors.ones(4000, 2, 2);
      float[] y = drop.forward(x).toFloats();
      double sum = 0;
      for (int i = 0; i < y.length; i += 4) {
        assertThat(y[i]).isIn(0f, (float) (1 / 0.75));
        assertThat(new float[] {y[i + 1], y[i + 2], y[i + 3]}).containsOnly(y[i]);
        sum += y[i];
      }
      assertThat(sum / 4000).isCloseTo(1, within(0.03));
      drop.eval();
      assertThat(drop.forward(x)).isSameAs(x);
    }
    assertThat(DropPath.linear(0.3, 4))
        .containsExactly(new double[] {0, 0.1, 0.2, 0.3}, within(1e-12));
  }

  /** Results and gradients of a branch computed whole, then masked, from the same draw. */
  @ParameterizedTest
  @ValueSource(doubles = {0.02, 0.3, 0.9})
  void aBranchIsNotComputedForSamplesThatItIsDroppedFor(double probability) {
    DropPath drop = new DropPath(probability);
    for (int seed = 0; seed < 20; seed++) {
      try (Scope scope = Scope.open()) {
        long samples = 12;
        Tensor x = Fill.tensor("drop-x", samples, 3, 320);
        Tensor shortcut = Fill.tensor("drop-shortcut", samples, 3, 320);
        Tensor weight = Fill.tensor("drop-weight", 320, 320).mul(0.1);
        Generator.seed(seed);
        long[] computed = new long[1];
        List<Tensor> found =
            resultAndGradients(
                List.of(shortcut, x, weight),
                t ->
                    drop.add(
                        t.get(0),
                        t.get(1),
                        part -> {
                          computed[0] = part.size(0);
                          return Functional.gelu(Functional.linear(part, t.get(2), null));
                        }));
        Generator.seed(seed);
        float[] drawn = drop.forward(Tensors.ones(samples, 1)).toFloats();
        long kept = IntStream.range(0, drawn.length).filter(i -> drawn[i] > 0).count();
        assertThat(computed[0]).isEqualTo(kept == 0 ? samples : kept);
        Tensor mask = Tensors.of(drawn, samples, 1, 1);
        List<Tensor> expected =
            resultAndGradients(
                List.of(shortcut, x, weight),
                t ->
                    t.get(0)
                        .add(
                            Functional.gelu(Functional.linear(t.get(1), t.get(2), null))
                                .mul(mask)));
        for (int i = 0; i < found.size(); i++) {
          double difference = found.get(i).sub(expected.get(i)).norm().item();
          assertThat(difference).isLessThanOrEqualTo(1e-5 * (1 + expected.get(i).norm().item()));
        }
      }
    }
  }

  /** A result, then the gradients of the sum of its squares; all inputs have one. */
  private static List<Tensor> resultAndGradients(
      List<Tensor> values, Function<List<Tensor>, Tensor> function) {
    List<Tensor> inputs = values.stream().map(t -> t.detach().requiresGrad_(true)).toList();
    Tensor result = function.apply(inputs);
    result.mul(result).sum().backward();
    List<Tensor> all = new ArrayList<>(List.of(result.detach()));
    inputs.forEach(t -> all.add(t.grad()));
    return all;
  }

  @Test
  void initialValuesHaveTheirDistributions() {
    Generator.seed(3);
    Tensor t = Tensors.zeros(200, 200);
    assertThat(std(Init.truncatedNormal(t, 0.02))).isCloseTo(0.02, within(2e-4));
    assertThat(std(Init.truncatedNormal(t, 1))).isCloseTo(0.8796, within(5e-3));
    assertThat(t.abs().amax(new long[] {0, 1}, false).item()).isLessThanOrEqualTo(2);
    assertThat(std(Init.torchDefault(t, 200))).isCloseTo(1 / Math.sqrt(600), within(5e-4));
    assertThat(std(Init.xavierUniform(t))).isCloseTo(Math.sqrt(2.0 / 400), within(5e-4));
    Tensor kernel = Tensors.zeros(64, 32, 3, 3);
    assertThat(std(Init.kaimingNormalFanOut(kernel, 1)))
        .isCloseTo(Math.sqrt(2.0 / (64 * 9)), within(1e-3));
  }

  private static double std(Tensor t) {
    return Math.sqrt(t.view(-1).var(new long[] {0}, true, false).item());
  }
}
