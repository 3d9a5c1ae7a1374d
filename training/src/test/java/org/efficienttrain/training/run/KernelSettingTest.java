package org.efficienttrain.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.efficienttrain.training.UserError;
import org.junit.jupiter.api.Test;

class KernelSettingTest {
  @Test
  void itSaysRuleOrMeasured() {
    assertThat(RunKernels.byRule("rule")).isTrue();
    assertThat(RunKernels.byRule("measured")).isFalse();
    assertThat(RunKernels.byRule("")).isFalse();
    assertThat(RunKernels.byRule(null)).isFalse();
    assertThatThrownBy(() -> RunKernels.byRule("rules"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("ET_KERNELS must be rule or measured, not 'rules'");
  }
}
