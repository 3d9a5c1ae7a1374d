package org.efficienttrain.images.pixel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.pixel.ImageHeader.Format;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DecodeMemoryTest {
  private static final long MB = 1 << 20;
  private static final ImageHeader HEADER = ImageHeader.of(Format.PNG, 5000, 4000);

  private final DecodeMemory memory = new DecodeMemory(100 * MB);
  private final ExecutorService workers = Executors.newFixedThreadPool(8);

  @AfterEach
  void stop() {
    workers.shutdownNow();
  }

  private long mostAtOnce(long bytes) throws Exception {
    AtomicLong now = new AtomicLong();
    AtomicLong most = new AtomicLong();
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      all.add(
          workers.submit(
              () ->
                  memory.decode(
                      HEADER,
                      bytes,
                      () -> {
                        most.accumulateAndGet(now.addAndGet(bytes), Math::max);
                        pause();
                        return now.addAndGet(-bytes);
                      })));
    }
    for (Future<?> one : all) {
      one.get();
    }
    return most.get();
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void largeImagesTakeTurns() throws Exception {
    assertThat(mostAtOnce(40 * MB)).isEqualTo(80 * MB);
    assertThat(mostAtOnce(60 * MB)).isEqualTo(60 * MB);
    assertThat(mostAtOnce(900 * MB)).as("more than there is: alone").isEqualTo(900 * MB);
  }

  @Test
  void smallImagesDoNotWait() throws Exception {
    CountDownLatch large = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Future<?> holding =
        workers.submit(
            () ->
                memory.decode(
                    HEADER,
                    100 * MB,
                    () -> {
                      large.countDown();
                      try {
                        return done.await(20, TimeUnit.SECONDS);
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                    }));
    large.await();
    assertThat(memory.decode(HEADER, 10 * MB, () -> "decoded")).isEqualTo("decoded");
    done.countDown();
    assertThat(holding.get()).isEqualTo(true);
  }

  @Test
  void memoryThatDoesNotSufficeIsABrokenImageAndIsGivenBack() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(
              () ->
                  memory.decode(
                      HEADER,
                      90 * MB,
                      () -> {
                        throw new OutOfMemoryError("Java heap space");
                      }))
          .isInstanceOfSatisfying(
              BrokenImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOO_LARGE))
          .hasMessageContaining("5000 x 4000 pixels, too many for the memory at hand");
    }
    assertThat(mostAtOnce(90 * MB)).isEqualTo(90 * MB);
  }
}
