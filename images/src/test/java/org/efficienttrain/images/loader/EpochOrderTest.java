package org.efficienttrain.images.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EpochOrderTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 16, 17, 255, 256, 257, 1000, 65_536, 100_003})
  void everySampleOnce(int size) {
    EpochOrder order = new EpochOrder(size, 42, 3);
    BitSet seen = new BitSet(size);
    for (int position = 0; position < size; position++) {
      seen.set(order.at(position));
    }
    assertThat(seen.cardinality()).isEqualTo(size);
  }

  @Test
  void reachesTheLargestSizes() {
    EpochOrder order = new EpochOrder(Integer.MAX_VALUE, 1, 0);
    assertThat(order.at(Integer.MAX_VALUE - 1)).isBetween(0, Integer.MAX_VALUE - 1);
    assertThatThrownBy(() -> order.at(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void differsBetweenEpochsAndSeeds() {
    assertThat(agreements(new EpochOrder(10_000, 1, 0), new EpochOrder(10_000, 1, 1)))
        .isLessThan(20);
    assertThat(agreements(new EpochOrder(10_000, 1, 0), new EpochOrder(10_000, 2, 0)))
        .isLessThan(20);
  }

  private static int agreements(EpochOrder a, EpochOrder b) {
    int count = 0;
    for (int position = 0; position < 10_000; position++) {
      count += a.at(position) == b.at(position) ? 1 : 0;
    }
    return count;
  }

  /** Over many seeds each sample comes at each position equally often, also in small sets. */
  @ParameterizedTest
  @ValueSource(ints = {2, 7, 10, 33})
  void isUniform(int size) {
    int rounds = 2_000;
    int[][] counts = new int[size][size];
    for (int seed = 0; seed < rounds; seed++) {
      EpochOrder order = new EpochOrder(size, seed, 0);
      for (int position = 0; position < size; position++) {
        counts[position][order.at(position)]++;
      }
    }
    double expected = (double) rounds / size;
    double chiSquare = 0;
    for (int[] row : counts) {
      for (int count : row) {
        chiSquare += (count - expected) * (count - expected) / expected;
      }
    }
    double freedom = (size - 1.0) * (size - 1.0);
    assertThat(chiSquare).isLessThan(freedom + 5 * Math.sqrt(2 * freedom) + 5);
  }

  /** Neighbours in the dataset must not remain neighbours. */
  @Test
  void separatesNeighbours() {
    EpochOrder order = new EpochOrder(10_000, 5, 0);
    int ascents = 0;
    int neighbours = 0;
    for (int position = 1; position < 10_000; position++) {
      int step = order.at(position) - order.at(position - 1);
      ascents += step > 0 ? 1 : 0;
      neighbours += Math.abs(step) == 1 ? 1 : 0;
    }
    assertThat(ascents).isBetween(4_850, 5_150);
    assertThat(neighbours).isLessThan(15);
  }
}
