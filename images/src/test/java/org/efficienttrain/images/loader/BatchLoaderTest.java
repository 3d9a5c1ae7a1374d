package org.efficienttrain.images.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.SampleExposure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BatchLoaderTest {
  static final BatchShape SHAPE = new BatchShape(8, new SampleExposure(6, 1));

  /** The side grows after five steps, and the magnitude with every step of an epoch. */
  private static BatchSchedule curriculum(int samples, int worldSize) {
    BatchSchedule epochs = BatchSchedule.epochs(samples, worldSize, SHAPE);
    long perEpoch = samples / (8L * worldSize);
    return step -> {
      BatchAddress address = epochs.at(step);
      SampleExposure exposure = new SampleExposure(step < 5 ? 4 : 6, step % perEpoch / 10.0);
      return BatchAddress.fresh(address.epoch(), address.first(), new BatchShape(8, exposure));
    };
  }

  /** What a batch held, copied. */
  record Seen(
      int epoch,
      long step,
      int side,
      ByteBuffer pixels,
      List<Integer> labels,
      List<Integer> indices) {
    /** The bytes of one sample. */
    ByteBuffer sample(int slot) {
      int bytes = side * side * 3;
      return pixels.slice(slot * bytes, bytes);
    }
  }

  static List<Seen> drain(BatchStream stream) {
    List<Seen> all = new ArrayList<>();
    for (Batch next = stream.next(); next != null; next = stream.next()) {
      try (Batch batch = next) {
        byte[] pixels = new byte[batch.count() * batch.side() * batch.side() * 3];
        assertThat(batch.pixels().isDirect()).isTrue();
        assertThat(batch.pixels().remaining()).isEqualTo(pixels.length);
        batch.pixels().get(pixels);
        all.add(
            new Seen(
                batch.epoch(),
                batch.step(),
                batch.side(),
                ByteBuffer.wrap(pixels),
                asList(batch.labels()),
                asList(batch.indices())));
      }
    }
    return all;
  }

  private static List<Integer> asList(int[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  static List<Seen> load(
      FakeDataset dataset,
      LoaderSettings settings,
      long firstStep,
      long endStep,
      BatchSchedule schedule) {
    try (BatchLoader loader = new BatchLoader(dataset, FakeDataset.TRANSFORM, settings);
        BatchStream stream = loader.stream(firstStep, endStep, schedule)) {
      return drain(stream);
    }
  }

  /** Three epochs of the usual batches, or what is left of them. */
  static List<Seen> load(FakeDataset dataset, LoaderSettings settings, long firstStep) {
    int world = settings.worldSize();
    return load(
        dataset,
        settings,
        firstStep,
        3L * (dataset.size() / (8 * world)),
        BatchSchedule.epochs(dataset.size(), world, SHAPE));
  }

  /** The same with the curriculum. */
  private static List<Seen> withCurriculum(
      FakeDataset dataset, LoaderSettings settings, long firstStep) {
    int world = settings.worldSize();
    return load(
        dataset,
        settings,
        firstStep,
        3L * (dataset.size() / (8 * world)),
        curriculum(dataset.size(), world));
  }

  static LoaderSettings training(int workers) {
    return LoaderSettings.forTraining(7).withWorkers(workers);
  }

  @Test
  void everyEpochIsAPermutationWithoutTheIncompleteBatch() {
    List<Seen> seen = load(FakeDataset.of(100), training(2), 0);
    assertThat(seen).hasSize(3 * 12);
    for (int epoch = 0; epoch < 3; epoch++) {
      Set<Integer> indices = new HashSet<>();
      for (int step = 0; step < 12; step++) {
        Seen batch = seen.get(epoch * 12 + step);
        assertThat(batch.epoch).isEqualTo(epoch);
        assertThat(batch.step).isEqualTo(epoch * 12 + step);
        for (int slot = 0; slot < 8; slot++) {
          int index = batch.indices.get(slot);
          indices.add(index);
          assertThat(batch.labels.get(slot)).isEqualTo(index % 3);
          assertThat(batch.sample(slot).get(1)).isEqualTo((byte) index);
        }
      }
      assertThat(indices).hasSize(96);
    }
    assertThat(seen.get(0)).isNotEqualTo(seen.get(12));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 8})
  void bytesDoNotDependOnTheNumberOfWorkers(int workers) {
    FakeDataset dataset = FakeDataset.of(300, 5, 77);
    assertThat(withCurriculum(dataset, training(workers), 0))
        .isEqualTo(withCurriculum(dataset, training(1), 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 5, 36, 37, 38, 110, 111})
  void aStartInMidEpochGivesTheSameBytes(int step) {
    FakeDataset dataset = FakeDataset.of(300, 5);
    List<Seen> whole = withCurriculum(dataset, training(2), 0);
    assertThat(whole).hasSize(111);
    assertThat(withCurriculum(dataset, training(8), step)).isEqualTo(whole.subList(step, 111));
  }

  @Test
  void aSampleHasTheSameBytesWhereverItComes() {
    // The bytes follow from (seed, epoch, index): another batch size moves samples, not bytes.
    Map<Integer, ByteBuffer> small = bytesOfSamples(new BatchShape(3, SHAPE.exposure()));
    Map<Integer, ByteBuffer> large = bytesOfSamples(new BatchShape(40, SHAPE.exposure()));
    assertThat(small).hasSize(300).isEqualTo(withAll(large, small));
    assertThat(large.size()).isEqualTo(280);
  }

  private static Map<Integer, ByteBuffer> withAll(
      Map<Integer, ByteBuffer> from, Map<Integer, ByteBuffer> rest) {
    Map<Integer, ByteBuffer> all = new HashMap<>(rest);
    all.putAll(from);
    return all;
  }

  private static Map<Integer, ByteBuffer> bytesOfSamples(BatchShape shape) {
    Map<Integer, ByteBuffer> result = new HashMap<>();
    BatchSchedule schedule = BatchSchedule.epochs(300, 1, shape);
    for (Seen seen : load(FakeDataset.of(300), training(2), 0, 300 / shape.count(), schedule)) {
      for (int slot = 0; slot < seen.indices.size(); slot++) {
        result.put(seen.indices.get(slot), seen.sample(slot));
      }
    }
    return result;
  }

  @Test
  void theExposureChangesWithinAnEpochWithoutNewThreads() {
    try (BatchLoader loader =
        new BatchLoader(FakeDataset.of(80), FakeDataset.TRANSFORM, training(2))) {
      Set<Thread> threads = BatchLoaderTroubleTest.loaderThreads();
      List<Seen> seen;
      try (BatchStream stream = loader.stream(0, 10, curriculum(80, 1))) {
        seen = drain(stream);
      }
      assertThat(seen.stream().map(Seen::side)).startsWith(4, 4, 4, 4, 4, 6, 6);
      assertThat(seen.get(3).pixels.get(2)).isEqualTo((byte) 3);
      try (BatchStream stream = loader.stream(10, 20, curriculum(80, 1))) {
        assertThat(drain(stream)).hasSize(10);
      }
      assertThat(BatchLoaderTroubleTest.loaderThreads()).isEqualTo(threads);
    }
  }

  @Test
  void ranksShareAnEpochWithoutOverlap() {
    Set<Integer> all = new HashSet<>();
    int batches = 0;
    for (int rank = 0; rank < 3; rank++) {
      LoaderSettings settings = training(2).withRank(rank, 3);
      for (Seen seen : withCurriculum(FakeDataset.of(100), settings, 2 * 4)) {
        batches++;
        for (int index : seen.indices) {
          assertThat(all.add(index)).isTrue();
        }
      }
    }
    assertThat(batches).isEqualTo(3 * 4);
    assertThat(all).hasSize(96);
  }

  @Test
  void theRanksTogetherTakeTheSameSamplesAsOneProcess() {
    BatchSchedule all = BatchSchedule.epochs(64, 1, new BatchShape(16, SHAPE.exposure()));
    List<Seen> one = load(FakeDataset.of(64), training(1), 0, 4, all);
    Set<Integer> ofBoth = new HashSet<>();
    for (int rank = 0; rank < 2; rank++) {
      Seen first = load(FakeDataset.of(64), training(2).withRank(rank, 2), 0).get(0);
      ofBoth.addAll(first.indices);
    }
    assertThat(ofBoth).containsExactlyInAnyOrderElementsOf(one.get(0).indices);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 16})
  void anEvaluationTakesEverySampleOnceInOrder(int world) {
    List<Integer> all = new ArrayList<>();
    for (int rank = 0; rank < world; rank++) {
      LoaderSettings settings = LoaderSettings.forEvaluation().withRank(rank, world);
      try (BatchLoader loader =
              new BatchLoader(FakeDataset.of(101), FakeDataset.TRANSFORM, settings);
          BatchStream stream = loader.stream(SHAPE)) {
        List<Integer> ofRank = new ArrayList<>();
        drain(stream).forEach(seen -> ofRank.addAll(seen.indices));
        assertThat(ofRank).isSorted();
        all.addAll(ofRank);
      }
    }
    assertThat(all).hasSize(101).doesNotHaveDuplicates();
  }

  @Test
  void aDatasetSmallerThanABatchIsOneSentence() {
    assertThatThrownBy(() -> load(FakeDataset.of(5), training(1), 0))
        .isInstanceOf(ImageException.class)
        .hasMessage(
            "the dataset has 5 images, fewer than one batch of 8: use a smaller batch size");
  }

  @Test
  void repeatedAugmentationShowsASampleInDifferentWays() {
    List<Seen> seen = load(FakeDataset.of(120), training(3).withRepeats(3), 30);
    assertThat(seen).hasSize(15);
    Set<Integer> distinct = new HashSet<>();
    Set<ByteBuffer> pictures = new HashSet<>();
    for (Seen batch : seen) {
      for (int slot = 0; slot < 8; slot++) {
        distinct.add(batch.indices.get(slot));
        pictures.add(batch.sample(slot));
      }
    }
    assertThat(distinct).hasSize(40);
    assertThat(pictures).hasSize(120);
    assertThat(load(FakeDataset.of(120), training(1).withRepeats(3), 34))
        .isEqualTo(seen.subList(4, 15));
  }

  @Test
  void wrongSettingsAreSentences() {
    assertThatThrownBy(() -> training(0)).hasMessageContaining("workers").hasMessageContaining("0");
    assertThatThrownBy(() -> training(1).withRank(2, 2))
        .hasMessage("the rank must be in 0..1, not 2");
    BatchSchedule ofMore = BatchSchedule.epochs(100, 1, SHAPE);
    assertThatThrownBy(() -> load(FakeDataset.of(20), training(1), 0, 12, ofMore))
        .hasMessage(
            "step 2 asks for image 24 of an epoch, but the dataset has 20 images: is it the one the run was planned for?");
    BatchSchedule replaying = step -> new BatchAddress(0, 0, 2, 8, SHAPE.exposure(), 0);
    assertThatThrownBy(() -> load(FakeDataset.of(20), training(1), 0, 1, replaying))
        .hasMessageContaining("set the size of the replay buffer");
    assertThatThrownBy(() -> new BatchAddress(0, 0, 9, 8, SHAPE.exposure(), 0))
        .hasMessageContaining("9 fresh of 8 samples");
  }
}
