package org.efficienttrain.tensor.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.efficienttrain.tensor.Fill;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerTest {
  private static final Map<String, long[]> SHAPES = new LinkedHashMap<>();

  static {
    SHAPES.put("block.weight", new long[] {8, 4});
    SHAPES.put("norm.weight", new long[] {8});
    SHAPES.put("fc.bias", new long[] {5});
  }

  static Stream<Arguments> optimizers() {
    return Stream.of(
        Arguments.of("adamw", 0.004, (Function<List<Parameter>, Optimizer>) AdamW::new),
        Arguments.of("lamb", 0.008, (Function<List<Parameter>, Optimizer>) Lamb::new),
        Arguments.of(
            "sgd", 0.1, (Function<List<Parameter>, Optimizer>) p -> new Sgd(p, 0.9, true)));
  }

  static Stream<Arguments> allOptimizers() {
    Function<List<Parameter>, Optimizer> lars = p -> new Lars(p, 0.9);
    return Stream.concat(optimizers(), Stream.of(Arguments.of("lars", 0.5, lars)));
  }

  private static Map<String, Tensor> filled() {
    Map<String, Tensor> out = new LinkedHashMap<>();
    SHAPES.forEach(
        (name, shape) -> {
          Tensor u = Fill.tensor(name, shape);
          if (name.equals("block.weight")) {
            u = u.mul(Math.sqrt(3.0 / 4));
          } else if (name.equals("norm.weight")) {
            u = u.mul(0.1).add(1);
          } else {
            u = u.mul(0.1);
          }
          out.put(name, u.requiresGrad_(true));
        });
    return out;
  }

  private static List<Parameter> parameters(Map<String, Tensor> named) {
    return Parameter.list(named, name -> named.get(name).dim() >= 2 ? 0.05 : 0, name -> 1);
  }

  private static void step(Map<String, Tensor> named, Optimizer optimizer, int t, double rate) {
    named.forEach((name, p) -> p.setGrad(Fill.tensor(name + "@" + t, SHAPES.get(name))));
    optimizer.step(rate);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("optimizers")
  void followsTheReferenceTrajectory(
      String name, double rate, Function<List<Parameter>, Optimizer> create) throws IOException {
    JsonNode golden;
    try (InputStream in = OptimizerTest.class.getResourceAsStream("/golden/ops/optimizers.json")) {
      golden = new ObjectMapper().readTree(in).get(name).get("trajectory");
    }
    Map<String, Tensor> named = filled();
    Optimizer optimizer = create.apply(parameters(named));
    for (int t = 0; t < golden.size(); t++) {
      step(named, optimizer, t, rate);
      for (String p : SHAPES.keySet()) {
        float[] ours = named.get(p).toFloats();
        for (int i = 0; i < ours.length; i++) {
          assertThat((double) ours[i])
              .as("%s[%d] after step %d", p, i, t)
              .isCloseTo(golden.get(t).get(p).get(i).asDouble(), within(2e-6));
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("allOptimizers")
  void goesOnFromASavedStateToTheSameBits(
      String name, double rate, Function<List<Parameter>, Optimizer> create) {
    Map<String, Tensor> one = filled();
    Optimizer whole = create.apply(parameters(one));
    step(one, whole, 0, rate);
    Map<String, Tensor> two = filled();
    two.forEach((n, t) -> t.detach().copy_(one.get(n).detach()));
    Optimizer resumed = create.apply(parameters(two));
    resumed.loadState(whole.state());
    for (int t = 1; t < 4; t++) {
      step(one, whole, t, rate);
      step(two, resumed, t, rate);
    }
    SHAPES.keySet().forEach(n -> assertThat(two.get(n).bitEquals(one.get(n))).isTrue());
  }

  /** Against the official LARS of the linear probe; a parameter of zeros takes plain steps. */
  @Test
  void larsFollowsTheOfficialTrajectory() throws IOException {
    JsonNode cases;
    try (InputStream in =
        OptimizerTest.class.getResourceAsStream("/golden/ops/mae_finetune.json")) {
      cases = new ObjectMapper().readTree(in).get("lars").get("cases");
    }
    assertThat(cases.size()).isEqualTo(2);
    for (JsonNode golden : cases) {
      Map<String, Tensor> named = new LinkedHashMap<>();
      named.put("weight", Fill.tensor("lars.weight", 3, 4).mul(Math.sqrt(3.0 / 4)));
      named.put("bias", Fill.tensor("lars.bias", 3).mul(0.1));
      named.put("zero", Tensors.zeros(2, 3));
      named.values().forEach(p -> p.requiresGrad_(true));
      double decay = golden.get("weight_decay").asDouble();
      Optimizer lars =
          new Lars(
              Parameter.list(named, n -> named.get(n).dim() > 1 ? decay : 0, n -> 1),
              golden.get("momentum").asDouble(),
              golden.get("trust_coefficient").asDouble());
      JsonNode steps = golden.get("after_steps");
      for (int t = 0; t < steps.size(); t++) {
        int step = t;
        named.forEach(
            (name, p) -> p.setGrad(Fill.tensor("lars.grad." + name + "." + step, p.shape())));
        lars.step(golden.get("lr").asDouble());
        named.forEach((name, p) -> assertClose(name, p, steps.get(step).get(name)));
      }
    }
  }

  private static void assertClose(String name, Tensor p, JsonNode wanted) {
    float[] ours = p.toFloats();
    assertThat(ours).hasSize(wanted.size());
    for (int i = 0; i < ours.length; i++) {
      double golden = wanted.get(i).asDouble();
      assertThat((double) ours[i])
          .as("%s[%d]", name, i)
          .isCloseTo(golden, within(2e-6 * Math.max(1, Math.abs(golden))));
    }
  }

  @Test
  void parametersWithoutAGradientAreLeftAlone() {
    Map<String, Tensor> named = filled();
    Optimizer optimizer = new AdamW(parameters(named));
    named.get("fc.bias").setGrad(Tensors.ones(5));
    float[] before = named.get("norm.weight").toFloats();
    optimizer.step(0.1);
    assertThat(named.get("norm.weight").toFloats()).isEqualTo(before);
    assertThat((double) named.get("fc.bias").toFloats()[0])
        .isCloseTo(Fill.u("fc.bias", 1)[0] * 0.1 - 0.1, within(1e-5));
  }

  @Test
  void aStateOfAnotherShapeIsRefused() {
    Optimizer optimizer = new AdamW(parameters(filled()));
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () -> optimizer.loadState(Map.of("step", Tensors.ones(1).squeeze(0)))))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("exp_avg.block.weight");
  }

  private static Tensor clipped(List<Tensor> gradients, double maxNorm) {
    Tensor norm = Gradients.norm(gradients);
    Gradients.clip(gradients, norm, maxNorm);
    return norm;
  }

  @Test
  void clippingScalesToTheLimitAndReturnsTheNormBefore() {
    try (Scope scope = Scope.open()) {
      Tensor a = Tensors.of(new float[] {3, 0});
      Tensor b = Tensors.of(new float[] {4});
      assertThat(clipped(List.of(a, b), 1).item()).isEqualTo(5);
      assertThat((double) a.toFloats()[0]).isCloseTo(0.6, within(1e-6));
      assertThat(clipped(List.of(a, b), 10).item()).isCloseTo(1, within(1e-6));
      assertThat((double) b.toFloats()[0]).isCloseTo(0.8, within(1e-6));
    }
  }

  @Test
  void theAverageMovesByOneMinusDecay() {
    Tensor w = Tensors.zeros(2);
    Ema ema = new Ema(Map.of("w", w), 0.9);
    w.fill_(1);
    ema.update();
    ema.update();
    assertThat((double) ema.state().get("w").toFloats()[0]).isCloseTo(0.19, within(1e-6));
  }
}
