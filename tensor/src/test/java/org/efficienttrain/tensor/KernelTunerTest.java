package org.efficienttrain.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How kernels are chosen and remembered; what they compute is {@link KernelsTest}'s. */
class KernelTunerTest {
  private static final String SHAPE = "linear 128x24->40 float32";

  @TempDir Path folder;

  @AfterEach
  void byTheRule() {
    KernelChoices.NONE.use();
  }

  @Test
  void theTunerChoosesForWhatItSawAndRemembersIt() {
    KernelCache cache = new KernelCache(folder);
    KernelChoices choices = tune(cache);
    assertThat(choices.toMap()).containsOnlyKeys(SHAPE);
    assertThat(KernelChoices.named(LinearKernel.class, choices.toMap().get(SHAPE))).isNotNull();
    assertThat(cache.read()).isIn(choices.toMap(), Map.of()); // none where the machine was busy
    assertThat(choices.summary()).isEqualTo("linear: 1 " + choices.toMap().get(SHAPE));
    assertThat(KernelChoices.fromMap(choices.toMap()).toMap()).isEqualTo(choices.toMap());
    for (LinearKernel kernel : LinearKernel.values()) { // what is remembered is not measured
      cache.write(Map.of(SHAPE, KernelChoices.nameOf(kernel), "linear 64x1->1 float32", "product"));
      assertThat(tune(cache).toMap())
          .containsExactly(Map.entry(SHAPE, KernelChoices.nameOf(kernel)));
    }
  }

  @Test
  void theTunerTimesDepthwiseConvolutionsWithLargeKernels() {
    KernelTuner tuner = new KernelTuner(DType.FLOAT32);
    try (Scope scope = Scope.open()) {
      Tensor x = Tensors.randn(1, 8, 9, 9);
      Tensor large = Tensors.randn(8, 1, 7, 7);
      Tensor small = Tensors.randn(8, 1, 3, 3);
      Tensor ordinary = Tensors.randn(8, 8, 7, 7);
      tuner.watch(
          2,
          () -> {
            Functional.conv2d(x, large, null, 1, 3, 8);
            Functional.conv2d(x, large, null, 2, 3, 8);
            Functional.conv2d(x, small, null, 1, 1, 8);
            Functional.conv2d(x, ordinary, null, 1, 3, 1);
          });
    }
    KernelCache cache = new KernelCache(folder);
    String shape = "depthwise 2x8x9x9 by 7 float32";
    assertThat(tuner.choose(cache).toMap()).containsOnlyKeys(shape);
    assertThat(cache.read().getOrDefault(shape, "swapped")).isIn("direct", "swapped");
  }

  @Test
  void theTunerTimesConvolutionsOnSmallMapsWhichThenGoByItsChoice() {
    KernelTuner tuner = new KernelTuner(DType.FLOAT32);
    String shape = "convolution 2x8x4x4->6 by 3 stride 1 padding 1 float32";
    String stem = "convolution 2x3x32x32->6 by 8 stride 8 padding 0 float32";
    try (Scope scope = Scope.open()) {
      Tensor x = Tensors.randn(1, 8, 4, 4).channelsLast();
      Tensor weight = Tensors.randn(6, 8, 3, 3).channelsLast();
      Tensor wide = Tensors.randn(1, 8, 9, 9).channelsLast();
      Tensor images = Tensors.randn(1, 3, 32, 32);
      Tensor patch = Tensors.randn(6, 3, 8, 8);
      tuner.watch(
          2,
          () -> {
            Functional.conv2d(x, weight, null, 1, 1, 1);
            Functional.conv2d(images, patch, null, 8, 0, 1);
            Functional.conv2d(wide, weight, null, 1, 1, 1); // 81 patches that overlap
            Functional.conv2d(x.contiguous(), weight, null, 1, 1, 1); // not channels last
            Functional.conv2d(x, Tensors.randn(8, 4, 3, 3), null, 1, 1, 2); // groups
          });
      assertThat(tuner.choose(new KernelCache(folder)).toMap()).containsOnlyKeys(shape, stem);
      Tensor batch = Tensors.randn(2, 8, 4, 4).channelsLast();
      for (ConvolutionKernel kernel : ConvolutionKernel.values()) {
        KernelChoices.fromMap(Map.of(shape, KernelChoices.nameOf(kernel))).use();
        Tensor found = Functional.conv2d(batch, weight, null, 1, 1, 1);
        var expected = kernel.compute(batch, weight, Ops.optional(null), 1, 1);
        assertThat(found.bitEquals(new Tensor(expected))).as(KernelChoices.nameOf(kernel)).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("org.efficienttrain.tensor.KernelsTest#shapes")
  void everyShapeIsRemembered(KernelShape shape) {
    KernelCache cache = new KernelCache(folder);
    cache.write(Map.of(shape.text(), shape.byRule()));
    assertThat(cache.read()).containsExactly(Map.entry(shape.text(), shape.byRule()));
  }

  private static KernelChoices tune(KernelCache cache) {
    KernelTuner tuner = new KernelTuner(DType.FLOAT32);
    try (Scope scope = Scope.open()) {
      Tensor weight = Tensors.randn(40, 24);
      Tensor few = Tensors.randn(1, 24);
      Tensor image = Tensors.randn(16, 24);
      tuner.watch(8, () -> Functional.linear(image, weight, null));
      tuner.watch(8, () -> Functional.linear(few, weight, null)); // too few rows for a choice
    }
    return tuner.choose(cache);
  }

  @Test
  void theLeastTimeDecidesWhereItWasSeenTwice() {
    double[] rule = {5, 4, 4.1, 9};
    assertThat(KernelTuner.best(Map.of("a", rule, "b", new double[] {8, 3, 3, 3}), "a"))
        .isEqualTo("b");
    assertThat(KernelTuner.best(Map.of("a", rule, "b", new double[] {4.05, 4.05, 5, 5}), "a"))
        .as("not clearly")
        .isEqualTo("a");
    assertThat(KernelTuner.best(Map.of("a", rule, "b", new double[] {1, 3, 9, 4}), "a")).isNull();
    double[] erratic = {4, 10, 9, 12};
    assertThat(KernelTuner.best(Map.of("a", erratic, "b", new double[] {5, 5, 6, 7}), "a"))
        .as("fast once in four rounds")
        .isEqualTo("b");
  }

  @Test
  void aChoiceIsWhatTwoMeasurementsAgreeOn() {
    assertThat(KernelTuner.agreed(List.of())).isNull();
    assertThat(KernelTuner.agreed(List.of("a"))).isNull();
    assertThat(KernelTuner.agreed(List.of("a", "a"))).isEqualTo("a");
    assertThat(KernelTuner.agreed(List.of("b", "a", "a"))).isEqualTo("a");
    assertThat(KernelTuner.agreed(List.of("b", "a", "c"))).isNull();
    assertThat(KernelTuner.agreed(Arrays.asList(null, null, "a"))).as("too busy").isNull();
    assertThat(KernelTuner.agreed(Arrays.asList("a", null, "a"))).isEqualTo("a");
  }

  /** As when stochastic depth drops some samples of a batch. */
  @Test
  void aBatchThatLostAFewSamplesGoesByTheChoiceForTheWhole() {
    KernelShape.Linear whole = LinearKernel.shape(256, 24, 40, DType.FLOAT32);
    KernelChoices.fromMap(Map.of(whole.text(), "swapped")).use();
    assertThat(chosenFor(256)).isEqualTo(LinearKernel.SWAPPED);
    assertThat(chosenFor(240)).isEqualTo(LinearKernel.SWAPPED);
    assertThat(chosenFor(127)).isEqualTo(LinearKernel.PRODUCT);
    assertThat(chosenFor(512)).isEqualTo(LinearKernel.PRODUCT);
    KernelChoices.fromMap(
            Map.of(whole.text(), "swapped", "linear 128x24->40 float32", "convolution"))
        .use();
    assertThat(chosenFor(240)).as("its own choice").isEqualTo(LinearKernel.CONVOLUTION);
  }

  private static LinearKernel chosenFor(long rows) {
    return KernelChoices.chosen(
        LinearKernel.shape(rows, 24, 40, DType.FLOAT32), LinearKernel.PRODUCT);
  }

  @Test
  void aFileThatIsNotWhollySoundIsMadeAnew() throws IOException {
    KernelCache cache = new KernelCache(folder);
    cache.write(Map.of(SHAPE, "product"));
    String sound = Files.readString(cache.file());
    assertThat(cache.read()).containsExactly(Map.entry(SHAPE, "product"));
    for (String hostile :
        List.of(
            "",
            sound.substring(3),
            sound.replace("1 threads", "9 threads").replace("2 threads", "9 threads"),
            sound + "linear 1x1->1 float32",
            sound + "rm -rf\tproduct\n",
            sound + "linear ../../x\tproduct\n",
            sound + "\0\0\0",
            sound + "linear 64x1->1 float32\tproduct\n".repeat(40_000))) {
      Files.writeString(cache.file(), hostile);
      assertThat(cache.read()).as(hostile.substring(0, Math.min(80, hostile.length()))).isEmpty();
      assertThat(tune(cache).toMap()).containsOnlyKeys(SHAPE);
      assertThat(cache.read().keySet()).isIn(Set.of(SHAPE), Set.of());
    }
    Files.writeString(cache.file(), sound.replace("product", "magic"));
    assertThat(KernelChoices.named(LinearKernel.class, tune(cache).toMap().get(SHAPE))).isNotNull();
  }

  @Test
  void aFolderThatCannotBeWrittenInCostsNothingButTime() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    assertThat(tune(new KernelCache(file)).toMap()).containsOnlyKeys(SHAPE);
  }
}
