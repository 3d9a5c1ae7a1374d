package org.efficienttrain.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs by several processes. */
@Timeout(120)
class RanksTrainingTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Process> processes = new ArrayList<>();

  @TempDir Path folder;

  private List<Process> start(int worldSize, String out, String... settings) throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    List<Process> ranks = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx512m",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  RankTrainingChild.class.getName(),
                  // Only rank 0 may write, so only it is told where.
                  folder.resolve(rank == 0 ? out : "nowhere").toString()));
      command.addAll(List.of(settings));
      ProcessBuilder builder = new ProcessBuilder(command);
      Map<String, String> environment = builder.environment();
      environment.put("RANK", String.valueOf(rank));
      environment.put("WORLD_SIZE", String.valueOf(worldSize));
      environment.put("MASTER_PORT", String.valueOf(port));
      environment.put("ET_RANK_TIMEOUT_SECONDS", "4");
      environment.put("OMP_NUM_THREADS", "1");
      ranks.add(builder.redirectError(ProcessBuilder.Redirect.DISCARD).start());
    }
    processes.addAll(ranks);
    return ranks;
  }

  @AfterEach
  void endAll() {
    processes.forEach(Process::destroyForcibly);
  }

  private static List<String> lines(Process process) {
    return lines(process.inputReader(StandardCharsets.UTF_8));
  }

  private static List<String> lines(BufferedReader reader) {
    return reader.lines().filter(line -> !line.startsWith("[Gloo]")).toList();
  }

  private void finish(List<Process> ranks) throws Exception {
    for (Process rank : ranks) {
      assertThat(lines(rank)).last().isEqualTo("finished");
      assertThat(rank.waitFor()).isZero();
    }
    assertThat(folder.resolve("nowhere")).doesNotExist();
  }

  private List<JsonNode> metrics(String out, String kind) throws IOException {
    return MetricsLines.of(folder.resolve(out), kind);
  }

  private void sameMetrics(String actual, String expected) throws IOException {
    for (String kind : List.of("step", "evaluation")) {
      List<JsonNode> a = metrics(actual, kind);
      List<JsonNode> e = metrics(expected, kind);
      assertThat(a).isNotEmpty().hasSameSizeAs(e);
      for (int i = 0; i < e.size(); i++) {
        assertThat(a.get(i).get("loss").asDouble())
            .isCloseTo(e.get(i).get("loss").asDouble(), Offset.offset(1e-4));
      }
    }
  }

  private void runAlone(String out, String... settings) {
    Training.run(
        RankTrainingChild.recipe(List.of(settings)),
        RankTrainingChild.data(),
        RankTrainingChild.options(folder.resolve(out)),
        List.of());
  }

  @Test
  void twoRanksTrainAsOneDoes() throws Exception {
    String[] settings = {"emaDecay=0.9", "clipNorm=1"};
    List<Process> ranks = start(2, "two", settings);
    runAlone("one", settings);
    finish(ranks);

    sameMetrics("two", "one");
    JsonNode summary = JSON.readTree(folder.resolve("two/summary.json").toFile());
    assertThat(summary.get("validationImages").asInt())
        .isEqualTo(RankTrainingChild.VALIDATION_IMAGES);
    assertThat(summary.get("imagesSeen").asInt()).isEqualTo(2 * 96);
  }

  @Test
  void accumulationGoesWithRanks() throws Exception {
    List<Process> ranks = start(2, "two", "microBatch=3");
    runAlone("one");
    finish(ranks);

    sameMetrics("two", "one");
  }

  @Test
  void synchronisedBatchStatisticsAreThoseOfTheWholeBatch() throws Exception {
    // Small steps: at the kinks of ReLU larger ones blow rounding up to more than the tolerance.
    // Without the synchronisation the losses differ by up to 0.07.
    String[] settings = {
      "model=resnet20_cifar", "syncBatchNorm=true", "learningRate=1e-4", "emaDecay=0.9"
    };
    List<Process> ranks = start(2, "two", settings);
    runAlone("one", settings);
    finish(ranks);

    sameMetrics("two", "one");
  }

  @Test
  void aKilledRankEndsTheJobWhichOtherNumbersOfRanksGoOnWith() throws Exception {
    List<Process> ranks = start(2, "job", "epochs=3");
    BufferedReader first = ranks.get(0).inputReader(StandardCharsets.UTF_8);
    String line = first.readLine();
    while (line != null && !line.equals("saved 6")) {
      line = first.readLine();
    }
    ranks.get(1).destroyForcibly(); // SIGKILL
    assertThat(lines(first)).last().asString().contains("rank 1 of 2").contains("--resume");
    assertThat(ranks.get(0).waitFor()).isEqualTo(2);
    assertThat(folder.resolve("job/summary.json")).doesNotExist();

    finish(start(3, "job", "epochs=3"));
    runAlone("one", "epochs=3");
    sameMetrics("job", "one");
  }

  @Test
  void batchStatisticsAndHalfPrecisionGoWithRanks() throws Exception {
    finish(start(2, "two", "model=resnet20_cifar", "precision=fp16", "epochs=1", "mixup=0.8"));

    assertThat(metrics("two", "step")).hasSize(8);
  }

  @Test
  void rankZerosMistakesReachTheOthers() throws Exception {
    Files.createFile(folder.resolve("file"));
    for (Process rank : start(2, "file")) {
      assertThat(lines(rank)).last().asString().contains("cannot write in the output folder");
      assertThat(rank.waitFor()).isEqualTo(2);
    }
  }
}
