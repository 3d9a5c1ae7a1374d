package org.efficienttrain.tensor.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ranks as processes of their own on this machine. */
@Timeout(90)
class CollectiveTest {
  private final List<Process> processes = new ArrayList<>();
  private final int port = freePort();

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Process start(int rank, int worldSize, String what) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            RankChild.class.getName(),
            what);
    builder
        .environment()
        .putAll(
            Map.of(
                "RANK",
                String.valueOf(rank),
                "WORLD_SIZE",
                String.valueOf(worldSize),
                "MASTER_PORT",
                String.valueOf(port),
                "ET_JOIN_SECONDS",
                what.equals("absent") ? "3" : "30",
                "ET_RANK_TIMEOUT_SECONDS",
                "3",
                "OMP_NUM_THREADS",
                "1"));
    Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    processes.add(process);
    return process;
  }

  private List<Process> startAll(int worldSize, String what) throws IOException {
    List<Process> all = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      all.add(start(rank, worldSize, what));
    }
    return all;
  }

  @AfterEach
  void endAll() {
    processes.forEach(Process::destroyForcibly);
  }

  /** What is left to read of a process's output, which ends with the process. */
  private static List<String> lines(BufferedReader reader) {
    return reader.lines().filter(line -> !line.startsWith("[Gloo]")).toList();
  }

  @Test
  void numbersTensorsAndBytesTravel() throws Exception {
    for (Process process : startAll(3, "numbers")) {
      List<String> lines = lines(process.inputReader(StandardCharsets.UTF_8));
      assertThat(process.waitFor()).isZero();
      assertThat(lines.get(1)).startsWith("sum [3.0, 3.0, 0.3");
      assertThat(lines.get(2)).isEqualTo("mean [1.0, 1.0]true");
      assertThat(lines.get(3)).startsWith("image [0.0, 1.0, 2.0, 3.0").endsWith("23.0]7.0");
      assertThat(lines.get(4)).isEqualTo("from 0");
    }
  }

  @Test
  void gradientsAreThoseOfTheWholeBatch() throws Exception {
    List<List<String>> found = new ArrayList<>();
    for (Process process : startAll(2, "gradients")) {
      found.add(lines(process.inputReader(StandardCharsets.UTF_8)));
      assertThat(process.waitFor()).isZero();
    }
    assertThat(found.get(0)).hasSize(4).filteredOn(l -> l.contains("close true")).hasSize(3);
    assertThat(found.get(1)).isEqualTo(found.get(0));
  }

  @Test
  void batchStatisticsAreThoseOfTheWholeBatch() throws Exception {
    for (Process process : startAll(2, "statistics")) {
      List<String> lines = lines(process.inputReader(StandardCharsets.UTF_8));
      assertThat(process.waitFor()).isZero();
      assertThat(lines.subList(1, lines.size()))
          .hasSize(3 * 10)
          .allSatisfy(line -> assertThat(line).endsWith(" true"));
    }
  }

  /** Waits until training is under way, kills one, and reads what the others say at their end. */
  private void kill(int victim) throws Exception {
    List<Process> all = startAll(3, "endless");
    List<BufferedReader> readers = new ArrayList<>();
    for (Process process : all) {
      BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
      String line = reader.readLine();
      while (line != null && !line.equals("going")) {
        line = reader.readLine();
      }
      assertThat(line).isEqualTo("going");
      readers.add(reader);
    }
    all.get(victim).destroyForcibly(); // SIGKILL
    long start = System.nanoTime();
    for (int rank = 0; rank < 3; rank++) {
      if (rank != victim) {
        assertThat(lines(readers.get(rank)))
            .singleElement()
            .asString()
            .startsWith("ended: rank " + victim + " of 3 ")
            .contains("--resume");
        assertThat(all.get(rank).waitFor()).isEqualTo(2);
      }
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void aRankThatDiesIsNamedByTheOthers() throws Exception {
    kill(1);
  }

  @Test
  void theRankThatKeepsTheStoreIsNamedToo() throws Exception {
    kill(0);
  }

  @Test
  void aRankThatHangsIsNamedByTheOthers() throws Exception {
    List<Process> all = startAll(2, "endless");
    BufferedReader reader = all.get(0).inputReader(StandardCharsets.UTF_8);
    while (!reader.readLine().equals("going")) {
      Thread.onSpinWait();
    }
    new ProcessBuilder("kill", "-STOP", String.valueOf(all.get(1).pid())).start().waitFor();

    assertThat(lines(reader))
        .singleElement()
        .asString()
        .startsWith("stuck: rank 1 of 2 has shown no sign of life for 3 s");
    assertThat(all.get(0).waitFor()).isEqualTo(3);
  }

  @Test
  void theReasonOfARankThatFailsReachesTheOthers() throws Exception {
    for (Process process : startAll(3, "failing")) {
      List<String> lines = lines(process.inputReader(StandardCharsets.UTF_8));
      assertThat(lines.get(lines.size() - 1)).endsWith("no more images in the cupboard");
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(2);
    }
  }

  @Test
  void absentRanksAreNamed() throws Exception {
    Process process = start(0, 3, "absent");
    List<String> lines = lines(process.inputReader(StandardCharsets.UTF_8));
    assertThat(lines.get(0)).startsWith("ended: ranks 1, 2 of 3 did not come within 3 s");
    assertThat(process.waitFor()).isEqualTo(2);
  }
}
