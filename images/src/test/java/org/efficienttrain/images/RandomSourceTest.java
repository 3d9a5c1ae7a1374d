package org.efficienttrain.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomSourceTest {
  @Test
  void isTheSameStreamForTheSameKey() {
    RandomSource a = RandomSource.of(1, 2, 3);
    RandomSource b = RandomSource.of(1, 2, 3);
    for (int i = 0; i < 100; i++) {
      assertThat(a.nextLong()).isEqualTo(b.nextLong());
      assertThat(a.nextGaussian()).isEqualTo(b.nextGaussian());
    }
  }

  @Test
  void differsBetweenNeighbouringKeys() {
    Set<Long> firsts = new HashSet<>();
    for (int seed = -2; seed < 8; seed++) {
      for (int epoch = 0; epoch < 10; epoch++) {
        for (int index = 0; index < 100; index++) {
          firsts.add(RandomSource.of(seed, epoch, index).nextLong());
        }
      }
    }
    assertThat(firsts).hasSize(10 * 10 * 100);
  }

  @Test
  void theFirstDrawIsUniformOverNeighbouringIndices() {
    int[] counts = new int[10];
    for (int index = 0; index < 100_000; index++) {
      counts[(int) (RandomSource.of(0, 0, index).nextDouble() * 10)]++;
    }
    for (int count : counts) {
      assertThat(count).isBetween(9_600, 10_400);
    }
  }

  @Test
  void mixIsTheFinaliserOfSplitMix64() {
    // First output of SplitMix64 for seed 0, as published with the generator's C code.
    assertThat(RandomSource.mix(0x9E3779B97F4A7C15L)).isEqualTo(0xE220A8397B1DCDAFL);
  }

  @Test
  void boundedIntegersAreUniform() {
    RandomSource random = RandomSource.of(7, 0);
    int[] counts = new int[7];
    for (int i = 0; i < 70_000; i++) {
      counts[random.nextInt(7)]++;
    }
    for (int count : counts) {
      assertThat(count).isBetween(9_600, 10_400);
    }
    assertThatThrownBy(() -> random.nextInt(0)).hasMessageContaining("positive");
  }

  @Test
  void gaussianHasMeanZeroAndDeviationOne() {
    RandomSource random = RandomSource.of(7, 1);
    double sum = 0;
    double squares = 0;
    double cubes = 0;
    int n = 200_000;
    for (int i = 0; i < n; i++) {
      double value = random.nextGaussian();
      sum += value;
      squares += value * value;
      cubes += value * value * value;
    }
    assertThat(sum / n).isCloseTo(0, within(0.01));
    assertThat(squares / n).isCloseTo(1, within(0.01));
    assertThat(cubes / n).isCloseTo(0, within(0.03));
  }

  @Test
  void aForkDoesNotDependOnWhatWasDrawn() {
    RandomSource used = RandomSource.of(1, 2, 3);
    used.nextLong();
    assertThat(used.fork(5).nextLong()).isEqualTo(RandomSource.of(1, 2, 3).fork(5).nextLong());
    assertThat(used.fork(5).nextLong()).isNotEqualTo(used.fork(6).nextLong());
  }
}
