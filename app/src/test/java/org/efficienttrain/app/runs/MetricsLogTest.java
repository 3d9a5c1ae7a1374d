package org.efficienttrain.app.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  @TempDir Path folder;
  private Path file;
  private MetricsLog log;

  @BeforeEach
  void open() {
    file = folder.resolve("metrics.jsonl");
    log = new MetricsLog(file, 64);
  }

  private static String step(int step, double epoch, int bandwidth, double loss) {
    return ("{\"kind\":\"step\",\"step\":%d,\"epoch\":%s,\"loss\":%s,\"bandwidth\":%d,"
            + "\"batchSize\":32,\"imagesPerSecond\":64.0,\"waitingShare\":0.5,\"gradientNorm\":null}\n")
        .formatted(step, epoch, loss, bandwidth);
  }

  private void append(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void aMissingFileIsEmpty() throws IOException {
    assertThat(log.refresh()).isFalse();
    assertThat(log.curves()).isEmpty();
  }

  @Test
  void countsTimeAndComputeFromTheLines() throws IOException {
    append(step(10, 0.5, 32, 2) + step(20, 1.0, 64, 1));
    assertThat(log.refresh()).isTrue();
    assertThat(log.curves().get("loss").points()).containsExactly(10, 2, 20, 1);
    assertThat(log.curves()).doesNotContainKey("gradientNorm");
    assertThat(log.seconds().at(20)).isCloseTo(10, within(1e-12)); // 20 steps of 32 at 64 a second
    // Half an epoch at a quarter of the pixels, and half an epoch at all.
    assertThat(log.equivalents().at(20)).isCloseTo(0.125 + 0.5, within(1e-12));
    assertThat(log.curves().get(MetricsLog.NETWORK_RATE).last()).isEqualTo(128);
    assertThat(log.refresh()).isFalse();
  }

  @Test
  void aHalfWrittenLineWaitsForItsEnd() throws IOException {
    String second = step(20, 1, 64, 1);
    append(step(10, 0.5, 64, 2) + second.substring(0, 30));
    log.refresh();
    assertThat(log.lastStep()).isEqualTo(10);
    assertThat(log.unreadable()).isZero();
    append(second.substring(30));
    assertThat(log.refresh()).isTrue();
    assertThat(log.lastStep()).isEqualTo(20);
  }

  @Test
  void aFileThatAResumedRunCutsIsReadAnew() throws IOException {
    append(step(10, 0.5, 64, 2) + step(20, 1, 64, 1));
    log.refresh();
    Files.writeString(file, step(10, 0.5, 64, 2) + step(20, 1, 64, 7) + step(30, 1.5, 64, 3));
    assertThat(log.refresh()).isTrue();
    assertThat(log.curves().get("loss").points()).containsExactly(10, 2, 20, 7, 30, 3);
    Files.writeString(file, step(10, 0.5, 64, 2));
    log.refresh();
    assertThat(log.curves().get("loss").points()).containsExactly(10, 2);
  }

  @Test
  void whatIsNoLineOfMetricsIsCountedAndPassedOver() throws IOException {
    append(
        "nonsense\n[1]\n{\"kind\":\"step\"}\n{\"kind\":\"new\",\"step\":3,\"x\":{\"y\":[1]}}\n\n");
    append(step(10, 0.5, 64, 2));
    log.refresh();
    assertThat(log.unreadable()).isEqualTo(3);
    assertThat(log.lastStep()).isEqualTo(10);
  }

  @Test
  void evaluationsKeepTheirFigures() throws IOException {
    append(
        "{\"kind\":\"evaluation\",\"step\":20,\"epoch\":1.0,\"bandwidth\":64,\"accuracy\":0.5,"
            + "\"loss\":1.5,\"best\":true,\"trainingSeconds\":12.0}\n");
    log.refresh();
    assertThat(log.evaluations()).hasSize(1);
    assertThat(log.evaluations().get(0)).containsEntry("accuracy", 0.5).doesNotContainKey("best");
    assertThat(log.seconds().at(20)).isEqualTo(12);
  }
}
