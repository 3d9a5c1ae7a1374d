package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold for every registered network, those added later included. */
class AllBackbonesTest {
  private static final int CLASSES = 5;

  /** Names of learned tables of positions: what ties weights to an image size. */
  static boolean isTable(String name) {
    return name.contains("pos_embed") || name.contains("relative_position");
  }

  static Stream<Variant> all() {
    return Backbones.variants().stream();
  }

  /** The networks to run with numbers: all for small images, and the smallest of each family. */
  static Stream<Variant> light() {
    Map<String, Variant> smallest =
        Backbones.variants().stream()
            .filter(v -> v.imageSize() > 32)
            .collect(Collectors.toMap(Variant::family, v -> v, (first, second) -> first));
    return all().filter(v -> v.imageSize() == 32 || smallest.containsValue(v));
  }

  /** The sizes that curricula use: the published ones, and the same fractions of small images. */
  static List<Integer> curriculumSizes(Variant variant) {
    Stream<Integer> sizes =
        variant.imageSize() == 32
            ? Stream.of(16, 20, 24, 28, 32)
            : Stream.of(96, 128, 160, 192, 224);
    return sizes.filter(variant.sizes()::allows).toList();
  }

  @ParameterizedTest
  @MethodSource("all")
  void runsAtEveryCurriculumSize(Variant variant) {
    Backbone model = variant.options(CLASSES, variant.imageSize()).buildShapes();
    try (Scope scope = Scope.open()) {
      assertThat(curriculumSizes(variant)).hasSizeGreaterThanOrEqualTo(3);
      for (int size : curriculumSizes(variant)) {
        Tensor images = Tensors.zeros(DType.FLOAT32, Device.META, 2, 3, size, size);
        assertThat(model.forward(images).shape()).containsExactly(2, CLASSES);
        assertThat(model.forwardFeatures(images).dim()).isEqualTo(2);
      }
    } finally {
      model.close();
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void onlyTheHeadDependsOnTheClasses(Variant variant) {
    Backbone few = variant.options(CLASSES, variant.imageSize()).buildShapes();
    Backbone many = variant.options(1000, variant.imageSize()).buildShapes();
    Map<String, Tensor> other = many.state();
    Set<String> differing =
        few.state().entrySet().stream()
            .filter(e -> !Arrays.equals(e.getValue().shape(), other.get(e.getKey()).shape()))
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    assertThat(few.headNames()).isNotEmpty().isEqualTo(differing);
    few.close();
    many.close();
  }

  @ParameterizedTest
  @MethodSource("all")
  void namesAreConsistent(Variant variant) {
    Backbone model = variant.options(CLASSES, variant.imageSize()).buildShapes();
    Set<String> names = model.namedParameters().keySet();
    // One tensor under one name: nothing registered twice, nothing lost.
    assertThat(Set.copyOf(model.state().values())).hasSameSizeAs(model.state().values());
    assertThat(names).containsAll(model.noWeightDecay());
    Set<Integer> layers = names.stream().map(model::layerIndex).collect(Collectors.toSet());
    assertThat(layers).as("every layer has parameters").hasSize(model.layerCount());
    if (variant.name().endsWith("_cifar") && !variant.name().equals("resnet18_cifar")) {
      assertThat(model.parameterCount()).isLessThan(6_000_000);
    }
    model.close();
  }

  @ParameterizedTest
  @MethodSource("light")
  void everyParameterLearnsAtEverySize(Variant variant) {
    Generator.seed(1);
    Backbone model = variant.options(CLASSES, variant.imageSize()).withDropPath(0).build();
    GoldenFill.fill(model);
    // ImageNet's sizes in full take minutes; the smallest is the hardest for tables.
    List<Integer> sizes = curriculumSizes(variant);
    for (int size : variant.imageSize() == 32 ? sizes : sizes.subList(0, 1)) {
      model.zeroGrad();
      try (Scope scope = Scope.open()) {
        Tensor logits = model.forward(images(2, size));
        assertThat(logits.norm().item()).isFinite();
        Functional.crossEntropy(logits, Tensors.of(new long[] {0, 3}), 0).backward();
        model.namedParameters().forEach((name, t) -> assertLearns(name + " at " + size, t));
      }
    }
    model.zeroGrad();
    model.close();
  }

  private static void assertLearns(String name, Tensor parameter) {
    Tensor gradient = parameter.grad();
    assertThat(gradient).as(name).isNotNull();
    assertThat(gradient.norm().item()).as(name).isPositive().isFinite();
    if (isTable(name)) {
      double smallest = gradient.abs().flatten(0, -1).amin(new long[] {0}, false).item();
      assertThat(smallest).as("every entry of " + name).isPositive();
    }
  }

  @ParameterizedTest
  @MethodSource("light")
  void evaluationIsDeterministicAndWithoutDropPath(Variant variant) {
    int size = curriculumSizes(variant).get(0);
    Generator.seed(2);
    BackboneOptions options = variant.options(CLASSES, size);
    Backbone dropping = options.withDropPath(0.9).withHeadDropout(0.5).build();
    Backbone plain = options.withDropPath(0).withHeadDropout(0).build();
    GoldenFill.fill(dropping);
    plain.copyState(dropping.state());
    dropping.eval();
    plain.eval();
    try (Scope scope = Scope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor images = images(2, size);
      Tensor once = dropping.forward(images);
      assertThat(dropping.forward(images).bitEquals(once)).isTrue();
      assertThat(plain.forward(images).bitEquals(once)).isTrue();
      dropping.train();
      Tensor first = dropping.forward(images);
      assertThat(dropping.forward(images).bitEquals(first)).as("drops in training").isFalse();
    }
    dropping.close();
    plain.close();
  }

  /** Stochastic depth computes a part of the batch; what comes back must be in its place. */
  @ParameterizedTest
  @MethodSource("light")
  void inTrainingTooASampleDependsOnItselfAlone(Variant variant) {
    int size = curriculumSizes(variant).get(0);
    Backbone model = variant.options(CLASSES, size).withDropPath(0.6).withHeadDropout(0).build();
    GoldenFill.fill(model);
    boolean overBatches = model.state().keySet().stream().anyMatch(n -> n.endsWith("running_mean"));
    if (overBatches) {
      model.eval(); // a batch's statistics make all depend on all
    }
    try (Scope scope = Scope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor images = images(5, size);
      Tensor changed =
          Tensors.cat(List.of(images.narrow(0, 0, 4), images.narrow(0, 4, 1).neg()), 0);
      double own = 0;
      for (int seed = 0; seed < 4; seed++) {
        Generator.seed(seed);
        Tensor before = model.forward(images);
        Generator.seed(seed);
        Tensor change = model.forward(changed).sub(before).abs().amax(new long[] {1}, false);
        assertThat(change.narrow(0, 0, 4).norm().item()).isLessThan(1e-5);
        own += change.select(0, 4).item();
      }
      assertThat(own).as("of the one that changed").isGreaterThan(0.01);
    }
    model.close();
  }

  @ParameterizedTest
  @MethodSource("light")
  void runsAtASizeLikeANetworkBuiltForIt(Variant variant) {
    int size = curriculumSizes(variant).get(0);
    Backbone whole = variant.options(CLASSES, variant.imageSize()).build();
    if (whole.namedParameters().keySet().stream().anyMatch(AllBackbonesTest::isTable)) {
      whole.close(); // held by golden files at several sizes instead
      return;
    }
    Backbone small = variant.options(CLASSES, size).build();
    for (Backbone model : List.of(whole, small)) {
      GoldenFill.fill(model);
      model.eval();
    }
    try (Scope scope = Scope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor images = images(2, size);
      assertThat(whole.forward(images).bitEquals(small.forward(images))).isTrue();
    }
    whole.close();
    small.close();
  }

  private static Tensor images(int n, int size) {
    return Tensors.of(GoldenFill.uniform("input", n * 3 * size * size), n, 3, size, size);
  }

  /** The whole tree in evaluation: nothing forgets to switch. */
  @ParameterizedTest
  @MethodSource("all")
  void switchesAsATree(Variant variant) {
    Backbone model = variant.options(CLASSES, variant.imageSize()).buildShapes();
    model.eval();
    model.apply(m -> assertThat(m.isTraining()).isFalse());
    model.train();
    model.apply(m -> assertThat(m.isTraining()).isTrue());
    model.close();
  }
}
