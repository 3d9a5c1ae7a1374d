package org.efficienttrain.images.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.loader.BatchLoaderTest.Seen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ReplayBufferTest {
  private static final int SAMPLES = 103;

  /** 51 steps per epoch of 2 fresh and 6 replayed samples; the side grows in mid-epoch. */
  private static final BatchPlan PLAN =
      (epoch, step) -> new BatchShape(8, new SampleExposure(epoch == 0 && step < 30 ? 4 : 6, 0));

  private static final LoaderSettings SETTINGS =
      LoaderSettings.forTraining(3).withReplay(new ReplaySettings(4, 25));

  private static List<Seen> load(LoaderSettings settings, int epoch, int step) {
    try (BatchLoader loader =
            new BatchLoader(FakeDataset.of(SAMPLES), FakeDataset.TRANSFORM, settings);
        BatchStream stream = loader.stream(epoch, step, 3, PLAN)) {
      return BatchLoaderTest.drain(stream);
    }
  }

  @Test
  void batchesAreFreshAndReplayedSamplesOfTheRecentPast() {
    List<Seen> all = load(SETTINGS, 0, 0);
    assertThat(all).hasSize(3 * 51);
    for (int i = 0; i < all.size(); i++) {
      Seen batch = all.get(i);
      assertThat(batch.indices()).hasSize(8);
      // 25 samples: the 2 of this step and of the 12 before it at the same side.
      Set<List<Object>> recent = new HashSet<>();
      int from = Math.max(i < 30 ? 0 : 30, i - 12);
      for (int j = from; j <= i; j++) {
        recent.add(picture(all.get(j), 0));
        recent.add(picture(all.get(j), 1));
      }
      for (int slot = 2; slot < 8; slot++) {
        assertThat(recent).contains(picture(batch, slot));
      }
    }
    Set<Integer> freshOfEpoch = new HashSet<>();
    for (Seen batch : all.subList(51, 102)) {
      freshOfEpoch.add(batch.indices().get(0));
      freshOfEpoch.add(batch.indices().get(1));
    }
    assertThat(freshOfEpoch).hasSize(102);
  }

  private static List<Object> picture(Seen batch, int slot) {
    return List.of(batch.indices().get(slot), batch.labels().get(slot), batch.sample(slot));
  }

  @Test
  void replayedSamplesAreSpreadOverTheWholeBuffer() {
    List<Seen> all = load(SETTINGS, 0, 0);
    int[] ages = new int[13];
    for (int i = 70; i < all.size(); i++) {
      for (int slot = 2; slot < 8; slot++) {
        List<Object> drawn = picture(all.get(i), slot);
        for (int age = 0; age < 13; age++) {
          Seen then = all.get(i - age);
          if (drawn.equals(picture(then, 0)) || drawn.equals(picture(then, 1))) {
            ages[age]++;
          }
        }
      }
    }
    int draws = (all.size() - 70) * 6;
    for (int age = 0; age < 12; age++) {
      assertThat(ages[age]).isBetween(draws * 2 / 25 / 2, draws * 2 / 25 * 2);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "0, 20", "0, 30", "0, 31", "0, 51", "1, 0", "1, 5", "2, 50"})
  void aStartInMidEpochRebuildsTheBuffer(int epoch, int step) {
    List<Seen> whole = load(SETTINGS.withWorkers(1), 0, 0);
    assertThat(load(SETTINGS.withWorkers(8), epoch, step))
        .isEqualTo(whole.subList(51 * epoch + step, whole.size()));
  }

  @Test
  void aStreamPerEpochGoesOnWithTheSameBuffer() {
    List<Seen> whole = load(SETTINGS, 0, 0);
    try (BatchLoader loader =
        new BatchLoader(FakeDataset.of(SAMPLES), FakeDataset.TRANSFORM, SETTINGS)) {
      for (int epoch = 0; epoch < 3; epoch++) {
        try (BatchStream stream = loader.stream(epoch, 0, epoch + 1, PLAN)) {
          assertThat(BatchLoaderTest.drain(stream))
              .isEqualTo(whole.subList(51 * epoch, 51 * epoch + 51));
        }
      }
      try (BatchStream stream = loader.stream(0, 0, 3, PLAN)) {
        assertThat(BatchLoaderTest.drain(stream)).isEqualTo(whole);
      }
    }
  }

  @Test
  void statesItsMemory() {
    ReplaySettings settings = ReplaySettings.within(2, 1_000_000_000L, 96);
    assertThat(settings.capacity()).isEqualTo(36_168);
    assertThat(settings.bytes(96)).isLessThanOrEqualTo(1_000_000_000L);
    assertThat(settings.describe(96))
        .isEqualTo(
            "replay buffer: 36168 images, each loaded once and used 2 times on average, 1.00 GB at 96 x 96");
    assertThatThrownBy(() -> new ReplaySettings(1, 5)).hasMessageContaining("at least twice");
  }
}
