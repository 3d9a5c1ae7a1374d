package org.efficienttrain.images.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.efficienttrain.images.loader.BatchLoaderTest.SHAPE;
import static org.efficienttrain.images.loader.BatchLoaderTest.drain;
import static org.efficienttrain.images.loader.BatchLoaderTest.load;
import static org.efficienttrain.images.loader.BatchLoaderTest.training;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.loader.BatchLoaderTest.Seen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a loader does when files are broken, workers fail, or its reader is slow or leaves. */
@Timeout(60)
class BatchLoaderTroubleTest {
  @Test
  void anEvaluationLeavesBrokenFilesOut() {
    FakeDataset dataset = FakeDataset.of(20, 0, 1, 2, 3, 4, 5, 6, 7, 9, 19);
    LoaderSettings settings = LoaderSettings.forEvaluation().withMaxBrokenFraction(0.5);
    try (BatchLoader loader = new BatchLoader(dataset, FakeDataset.TRANSFORM, settings);
        BatchStream stream = loader.stream(SHAPE)) {
      List<Seen> seen = drain(stream);
      assertThat(seen).hasSize(2); // The first batch of eight was broken altogether.
      assertThat(seen.get(0).indices()).containsExactly(8, 10, 11, 12, 13, 14, 15);
      assertThat(seen.get(0).sample(1).get(1)).isEqualTo((byte) 10);
      assertThat(seen.get(1).indices()).containsExactly(16, 17, 18);
      assertThat(loader.brokenFiles().count()).isEqualTo(10);
    }
  }

  @Test
  void trainingReplacesABrokenFileByTheNextOne(@TempDir Path folder) throws Exception {
    FakeDataset sound = FakeDataset.of(300);
    FakeDataset broken = FakeDataset.of(300, 5, 6);
    List<Seen> expected = load(sound, training(2), 0);
    try (BatchLoader loader = new BatchLoader(broken, FakeDataset.TRANSFORM, training(4));
        BatchStream stream = loader.stream(0, 111, BatchSchedule.epochs(300, 1, SHAPE))) {
      List<Seen> seen = drain(stream);
      for (int i = 0; i < seen.size(); i++) {
        for (int slot = 0; slot < 8; slot++) {
          int wanted = expected.get(i).indices().get(slot);
          assertThat(seen.get(i).indices().get(slot))
              .isEqualTo(wanted == 5 || wanted == 6 ? 7 : wanted);
        }
      }
      BrokenFiles files = loader.brokenFiles();
      assertThat(files.byReason()).containsExactly(Map.entry(Reason.TRUNCATED, 2));
      assertThat(files.summary()).isEqualTo("2 broken files (2 truncated)");
      files.writeTo(folder.resolve("broken.tsv"));
      assertThat(Files.readAllLines(folder.resolve("broken.tsv")))
          .contains("truncated\timage-5.jpg\tthe data end early");
    }
  }

  @Test
  void tooManyBrokenFilesStop() {
    assertThatThrownBy(() -> load(FakeDataset.of(200, 1, 2, 3), training(2), 0))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("3 of 200 images are broken, more than the 1% allowed")
        .hasMessageContaining("truncated");
    // One file in a hundred is allowed, and so is a single one in a small set.
    load(FakeDataset.of(200, 1, 2), training(2), 0);
    load(FakeDataset.of(20, 1), training(2), 0);
  }

  @Test
  void anErrorReachesTheConsumerInOrderWithTheName() {
    FakeDataset dataset = FakeDataset.of(64);
    int[] victim = new int[1];
    try (BatchLoader loader =
        new BatchLoader(
            dataset,
            (encoded, exposure, random, target) -> {
              if (encoded[1] == victim[0]) {
                throw new IllegalStateException("out of paint");
              }
              FakeDataset.TRANSFORM.apply(encoded, exposure, random, target);
            },
            training(8))) {
      victim[0] = new EpochOrder(64, 7, 0).at(17); // in the third batch
      try (BatchStream stream = loader.endless(SHAPE)) {
        stream.next().close();
        stream.next().close();
        assertThatThrownBy(stream::next)
            .isInstanceOf(ImageException.class)
            .hasMessage("image-" + victim[0] + ".jpg: out of paint");
      }
      // The loader is still good for another stream.
      try (BatchStream stream = loader.stream(3, 8, BatchSchedule.epochs(64, 1, SHAPE))) {
        assertThat(drain(stream)).hasSize(5);
      }
    }
  }

  @Test
  void workersRunAheadOnlySoFar() throws Exception {
    AtomicInteger made = new AtomicInteger();
    LoaderSettings settings = training(4).withPrefetch(3);
    try (BatchLoader loader =
            new BatchLoader(
                FakeDataset.of(8_000),
                (encoded, exposure, random, target) -> {
                  made.incrementAndGet();
                  target.position(target.limit());
                },
                settings);
        BatchStream stream = loader.endless(SHAPE)) {
      Batch first = stream.next();
      Batch second = stream.next();
      Thread.sleep(200);
      assertThat(made.get()).isEqualTo(5 * 8);
      first.close();
      Thread.sleep(200);
      assertThat(made.get()).isEqualTo(6 * 8);
      second.close();
    }
  }

  @Test
  void keepingAllBatchesOpenIsAnErrorAndNotADeadlock() {
    try (BatchLoader loader =
            new BatchLoader(
                FakeDataset.of(800), FakeDataset.TRANSFORM, training(2).withPrefetch(1));
        BatchStream stream = loader.endless(SHAPE)) {
      for (int i = 0; i < 3; i++) {
        assertThat(stream.next().count()).isEqualTo(8);
      }
      assertThatThrownBy(stream::next)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("close them");
    }
  }

  @Test
  void closingEarlyLeavesNoThreadAndNoBuffer() {
    Set<Thread> before = loaderThreads();
    BatchLoader loader =
        new BatchLoader(
            FakeDataset.of(10_000),
            (encoded, exposure, random, target) -> {
              sleep(Duration.ofMillis(1));
              FakeDataset.TRANSFORM.apply(encoded, exposure, random, target);
            },
            training(4));
    Batch kept = null;
    for (int round = 0; round < 5; round++) {
      BatchStream stream = loader.endless(SHAPE);
      stream.next().close();
      if (round == 2) {
        kept = stream.next();
      }
    }
    byte[] before2 = new byte[10];
    kept.pixels().get(0, before2);
    assertThat(loader.statistics().batches()).isEqualTo(6);
    assertThat(loader.statistics().samples()).isEqualTo(48);
    assertThat(loader.statistics().waitedSeconds()).isGreaterThan(0.005);
    assertThat(loader.statistics().workerSeconds()).isGreaterThan(0.048);
    loader.close();
    assertThat(loaderThreads()).isEqualTo(before);
    byte[] after = new byte[10];
    kept.pixels().get(0, after);
    assertThat(after).isEqualTo(before2);
    kept.close();
    assertThat(loader.pool.lent()).isZero();
  }

  private static void sleep(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static Set<Thread> loaderThreads() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().startsWith("image-loader"));
    return threads;
  }
}
