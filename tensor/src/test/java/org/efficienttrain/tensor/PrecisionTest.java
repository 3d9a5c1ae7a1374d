package org.efficienttrain.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecisionTest {
  @ParameterizedTest
  @CsvSource({
    "flags: avx2 fma,                   ,                  FP32",
    "flags: avx512f avx512_bf16 amx_bf16,,                 BF16",
    "flags: avx512f avx512_bf16,        AVX2,              FP32",
    "flags: avx512f avx512_bf16,        AVX512_CORE_BF16,  BF16",
    "flags: amx_bf16,                   avx512_core_amx,   BF16",
    "flags: amx_bf16,                   AVX512_CORE_VNNI,  FP32",
    "flags: amx_bf16,                   ALL,               BF16",
    "'',                                ,                  FP32"
  })
  void aProcessorTakesBfloat16WhereItHasInstructionsThatAreFaster(
      String info, String limit, Precision expected) {
    assertThat(Precision.ofCpu(info, limit, () -> true)).isEqualTo(expected);
    assertThat(Precision.ofCpu(info, limit, () -> false)).isEqualTo(Precision.FP32);
  }

  @Test
  void whatIsFasterIsMeasuredWithoutATrace() {
    int threads = Torch.threads();
    Generator.seed(1);
    float[] expected = Tensors.rand(3).toFloats();
    Generator.seed(1);
    assertThat(ProductRate.measure(DType.FLOAT32, 0)).isPositive();
    assertThat(Torch.threads()).isEqualTo(threads);
    assertThat(Tensors.rand(3).toFloats()).isEqualTo(expected);
  }

  @Test
  void aGpuTakesTheSixteenBitsThatItMultiplies() {
    assertThat(Precision.ofCuda(true)).isEqualTo(Precision.BF16);
    assertThat(Precision.ofCuda(false)).isEqualTo(Precision.FP16);
  }

  @Test
  void onlyAutoDependsOnTheDevice() {
    assertThat(Precision.FP16.on(Device.CPU)).isEqualTo(Precision.FP16);
    assertThat(Precision.AUTO.on(Device.CPU)).isIn(Precision.FP32, Precision.BF16);
    assertThat(Precision.BF16.type()).isEqualTo(DType.BFLOAT16);
    assertThatThrownBy(Precision.AUTO::type).isInstanceOf(IllegalStateException.class);
  }
}
