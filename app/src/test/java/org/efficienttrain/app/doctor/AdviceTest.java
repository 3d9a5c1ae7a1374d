package org.efficienttrain.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AdviceTest {
  private static final long GIGABYTE = 1L << 30;
  private static final Map<String, String> BY_ET = Map.of("MALLOC_TRIM_THRESHOLD_", "100000000000");
  private static final Speed FAST = new Speed(75, 150, 20);

  private static Machine machine(
      Set<String> instructions, double quota, long limit, long available, double load) {
    return new Machine("Some", 2.5, instructions, 2, quota, 16 * GIGABYTE, limit, available, load);
  }

  private static Machine good() {
    return machine(Set.of("avx2"), 2, 16 * GIGABYTE, 12 * GIGABYTE, 0.1);
  }

  private static List<String> advice(Machine machine, Speed speed, Map<String, String> variables) {
    return Advice.of(machine, speed, variables, 50 * GIGABYTE);
  }

  @Test
  void nothingIsWrongWithAGoodMachine() {
    assertThat(advice(good(), FAST, BY_ET)).isEmpty();
  }

  @Test
  void aVariableThatHidesInstructionsIsNamed() {
    assertThat(
            advice(
                good(),
                FAST,
                Map.of("MALLOC_TRIM_THRESHOLD_", "1", "OPENBLAS_CORETYPE", "Haswell")))
        .singleElement()
        .asString()
        .contains("OPENBLAS_CORETYPE=Haswell")
        .contains("unset OPENBLAS_CORETYPE");
  }

  @Test
  void limitsOfAContainerHaveAnAnswer() {
    Machine small = machine(Set.of("avx2"), 1.5, 3 * GIGABYTE, 3 * GIGABYTE, 0.1);
    assertThat(advice(small, FAST, BY_ET))
        .hasSize(2)
        .anyMatch(a -> a.contains("1.5 of 2 cores") && a.contains("--threads 1"))
        .anyMatch(a -> a.contains("Only 3.0 GB of memory may be used"));
  }

  @Test
  void otherWorkIsNoticed() {
    Machine busy = machine(Set.of("avx2"), 2, 16 * GIGABYTE, GIGABYTE, 7);
    assertThat(advice(busy, FAST, BY_ET))
        .hasSize(2)
        .anyMatch(a -> a.contains("Only 1.0 GB of memory are free"))
        .anyMatch(a -> a.contains("2.0 of 2 cores busy"));
  }

  /** A core of 2.5 GHz with AVX2 does 80 GFLOP/s at best, and half of that is expected. */
  @Test
  void aSlowMachineIsToldWhatWasExpected() {
    assertThat(Speed.expected(good())).isEqualTo(40);
    assertThat(advice(good(), new Speed(39, 150, 20), BY_ET))
        .singleElement()
        .asString()
        .contains("does 39 GFLOP/s where at least 40 are expected");
  }

  @Test
  void anOldProcessorAndAnotherLauncherAreNamed() {
    Machine old = machine(Set.of(), 2, 16 * GIGABYTE, 12 * GIGABYTE, 0);
    assertThat(advice(old, FAST, Map.of()))
        .hasSize(2)
        .anyMatch(a -> a.contains("no AVX2"))
        .anyMatch(a -> a.contains("Not started by ./et"));
  }

  @Test
  void theCacheFolderNeedsRoom() {
    assertThat(Advice.of(good(), FAST, BY_ET, GIGABYTE / 2))
        .singleElement()
        .asString()
        .contains("0.5 GB are free");
    assertThat(Advice.of(good(), FAST, BY_ET, -1))
        .singleElement()
        .asString()
        .contains("cannot be written: set ET_CACHE");
  }
}
