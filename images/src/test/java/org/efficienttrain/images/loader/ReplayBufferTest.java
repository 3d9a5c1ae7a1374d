package org.efficienttrain.images.loader;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.loader.BatchLoaderTest.Seen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ReplayBufferTest {
  private static final int SAMPLES = 103;

  /** 51 steps per epoch of 2 fresh and 6 replayed samples; the side grows in mid-epoch. */
  private static final BatchSchedule SCHEDULE =
      step ->
          new BatchAddress(
              (int) step / 51,
              (int) step % 51 * 2,
              2,
              8,
              new SampleExposure(step < 30 ? 4 : 6, 0),
              step < 30 ? 0 : 30);

  private static final LoaderSettings SETTINGS = LoaderSettings.forTraining(3).withReplayImages(25);

  private static List<Seen> load(LoaderSettings settings, long step) {
    return BatchLoaderTest.load(FakeDataset.of(SAMPLES), settings, step, 3 * 51, SCHEDULE);
  }

  @Test
  void batchesAreFreshAndReplayedSamplesOfTheRecentPast() {
    List<Seen> all = load(SETTINGS, 0);
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
    List<Seen> all = load(SETTINGS, 0);
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
  @ValueSource(ints = {1, 20, 29, 30, 31, 50, 51, 56, 152, 153})
  void aStartInTheMiddleRebuildsTheBuffer(int step) {
    List<Seen> whole = load(SETTINGS.withWorkers(1), 0);
    assertThat(load(SETTINGS.withWorkers(8), step)).isEqualTo(whole.subList(step, whole.size()));
  }

  @Test
  void nothingOlderThanTheScheduleAllowsIsShownAgain() {
    // Every eighth step starts anew, and so does one after steps without replay.
    BatchSchedule stages =
        step ->
            new BatchAddress(
                0, (int) step * 4, 4, step < 8 ? 4 : 8, new SampleExposure(4, 0), step / 8 * 8);
    List<Seen> all = BatchLoaderTest.load(FakeDataset.of(160), SETTINGS, 0, 40, stages);
    for (int i = 8; i < 40; i++) {
      Set<Integer> allowed = new HashSet<>();
      for (int j = i / 8 * 8; j <= i; j++) {
        allowed.addAll(all.get(j).indices().subList(0, 4));
      }
      assertThat(allowed).containsAll(all.get(i).indices().subList(4, 8));
      assertThat(BatchLoaderTest.load(FakeDataset.of(160), SETTINGS, i, 40, stages))
          .isEqualTo(all.subList(i, 40));
    }
    assertThat(all.get(7).indices()).hasSize(4);
  }

  @Test
  void ranksDrawDifferentSamplesAgain() {
    Set<List<Integer>> drawn = new HashSet<>();
    for (int rank = 0; rank < 2; rank++) {
      BatchSchedule alone =
          step -> new BatchAddress(0, (int) step * 4, 2, 8, new SampleExposure(4, 0), 0);
      LoaderSettings settings = SETTINGS.withRank(rank, 2);
      List<Seen> all = BatchLoaderTest.load(FakeDataset.of(SAMPLES), settings, 0, 25, alone);
      List<Integer> fresh = new ArrayList<>();
      all.forEach(seen -> fresh.addAll(seen.indices().subList(0, 2)));
      assertThat(fresh).hasSize(50).doesNotHaveDuplicates();
      drawn.add(all.get(24).indices().subList(2, 8).stream().map(fresh::indexOf).toList());
    }
    assertThat(drawn).hasSize(2);
  }
}
