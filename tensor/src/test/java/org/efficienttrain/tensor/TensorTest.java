package org.efficienttrain.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorTest {
  @Test
  void anErrorNamesTheOperationAndTheShapesInOneLine() {
    try (Scope scope = Scope.open()) {
      Tensor a = Tensors.ones(2, 3);
      assertThatThrownBy(() -> a.matmul(Tensors.ones(4, 5)))
          .isInstanceOf(TensorException.class)
          .hasMessageStartingWith("matmul([2, 3], [4, 5]): ")
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void tooLittleMemorySaysWhatToDo() {
    assertThatThrownBy(() -> Tensors.zeros(1L << 44))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("not enough memory")
        .hasMessageContaining("smaller batch size");
  }

  /** The way that a GPU is made current; the processor's guard takes every call of it. */
  @Test
  void aDeviceIsMadeCurrent() {
    assertThatCode(() -> Torch.setCurrent(Device.CPU)).doesNotThrowAnyException();
  }

  @Test
  void aScopeFreesAllButWhatItKeeps() {
    Tensor kept;
    Tensor lost;
    try (Scope outer = Scope.open()) {
      try (Scope inner = Scope.open()) {
        lost = Tensors.ones(3);
        kept = inner.keep(lost.add(1));
      }
      assertThat(lost.isClosed()).isTrue();
      assertThat(kept.toFloats()).containsExactly(2, 2, 2);
    }
    assertThat(kept.isClosed()).isTrue();
  }

  @Test
  void withoutAnOuterScopeAKeptTensorLivesUntilClosed() {
    Tensor kept;
    try (Scope scope = Scope.open()) {
      kept = scope.keep(Tensors.ones(2));
    }
    assertThat(kept.sum().item()).isEqualTo(2);
    kept.close();
    assertThat(kept.isClosed()).isTrue();
  }

  @Test
  void gradientsAddUpAndCanBeRemoved() {
    try (Scope scope = Scope.open()) {
      Tensor w = Tensors.of(new float[] {1, 2}).requiresGrad_(true);
      w.square().sum().backward();
      w.square().sum().backward();
      assertThat(w.grad().toFloats()).containsExactly(4, 8);
      w.setGrad(null);
      assertThat(w.grad()).isNull();
    }
  }

  @Test
  void theSameSeedGivesTheSameNumbers() {
    try (Scope scope = Scope.open()) {
      Generator.seed(1, 2);
      Tensor a = Tensors.randn(5);
      Generator.seed(1, 2);
      assertThat(Tensors.randn(5).bitEquals(a)).isTrue();
      Generator.seed(2, 1);
      assertThat(Tensors.randn(5).bitEquals(a)).isFalse();
    }
  }

  @Test
  void autocastShortensProductsAndForgetsItsCacheOnClosing() {
    try (Scope scope = Scope.open()) {
      Tensor x = Tensors.ones(4, 4);
      Tensor w = Tensors.ones(4, 4).requiresGrad_(true);
      for (int step = 1; step <= 2; step++) {
        try (Autocast autocast = Autocast.open(Device.CPU, DType.BFLOAT16)) {
          Tensor y = Functional.linear(x, w, null);
          assertThat(y.dtype()).isEqualTo(DType.BFLOAT16);
          assertThat(y.to(DType.FLOAT32).toFloats()[0]).isEqualTo(4 * step);
        }
        try (NoGrad noGrad = NoGrad.open()) {
          w.fill_(2);
        }
      }
      assertThat(Functional.linear(x, w, null).dtype()).isEqualTo(DType.FLOAT32);
    }
  }

  @Test
  void aListenerSeesOperationsWithTheirArguments() {
    List<String> seen = new ArrayList<>();
    try (Scope scope = Scope.open();
        var listening =
            OpListener.listen((op, args, results) -> seen.add(op + args + "->" + results))) {
      Tensors.ones(2, 2).relu();
    }
    assertThat(seen.get(1)).isEqualTo("relu[FLOAT32[2, 2]]->[FLOAT32[2, 2]]");
  }

  @Test
  void resizingKeepsConstantsAndTouchesEveryInput() {
    for (Resize.Kernel kernel : Resize.Kernel.values()) {
      try (Scope scope = Scope.open()) {
        Tensor x = Tensors.ones(1, 2, 14, 14).requiresGrad_(true);
        Tensor y = Resize.resize(x, 6, 10, kernel);
        assertThat(y.shape()).containsExactly(1, 2, 6, 10);
        for (float value : y.toFloats()) {
          assertThat(value).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-6f));
        }
        y.square().sum().backward();
        assertThat(x.grad().ne(0).all()).isTrue();
      }
    }
  }

  @Test
  void closedTensorsAreNamedInTheError() {
    Tensor a = Tensors.ones(1);
    a.close();
    assertThatThrownBy(() -> Tensors.ones(1).add(a)).isInstanceOf(TensorException.class);
  }

  @Test
  void shapesCanRunWithoutData() {
    try (Scope scope = Scope.open()) {
      Tensor x = Tensors.empty(DType.FLOAT32, Device.META, 2, 3, 32, 32);
      Tensor w = Tensors.empty(DType.FLOAT32, Device.META, 8, 3, 3, 3);
      Tensor y = Functional.gelu(Functional.conv2d(x, w, null, 2, 1, 1));
      assertThat(y.shape()).containsExactly(2, 8, 16, 16);
      Tensor l = Tensors.empty(DType.FLOAT32, Device.META, 5, 8);
      y = y.flatten(2, 3).transpose(1, 2);
      assertThat(Functional.linear(Functional.layerNorm(y, null, null, 1e-6), l, null).shape())
          .containsExactly(2, 256, 5);
    }
  }
}
