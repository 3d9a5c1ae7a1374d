package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ./et train --nproc 2} from outside. */
@Timeout(120)
class LocalRanksTest {
  private static final int IMAGES = 48;

  @TempDir Path folder;
  private Process launcher;

  @BeforeEach
  void paint() throws IOException {
    for (String name : List.of("dark", "light")) {
      Path images = Files.createDirectories(folder.resolve("images").resolve(name));
      for (int i = 0; i < IMAGES / 2; i++) {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        image.setRGB(i % 16, i / 16, name.equals("light") ? 0xffffff : 0x202020);
        ImageIO.write(image, "png", images.resolve(i + ".png").toFile());
      }
    }
  }

  @AfterEach
  void end() {
    if (launcher != null) {
      launcher.descendants().forEach(ProcessHandle::destroyForcibly);
      launcher.destroyForcibly();
    }
  }

  private void start(int epochs, String... more) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("train", "--data", folder.resolve("images").toString()));
    command.addAll(List.of("--out", folder.resolve("out").toString(), "--nproc=2"));
    command.addAll(List.of("--model", "resnet20_cifar", "--image-size", "16", "--workers", "1"));
    command.addAll(List.of("--epochs", String.valueOf(epochs), "--batch-size", "8"));
    command.addAll(List.of("--val-fraction", "0.3", "--precision", "fp32"));
    command.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("ET_RANK_TIMEOUT_SECONDS", "3");
    launcher =
        builder
            .redirectOutput(folder.resolve("stdout").toFile())
            .redirectError(folder.resolve("stderr").toFile())
            .start();
  }

  private static boolean interruptsAreIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }

  private String stderr() throws IOException {
    return Files.readString(folder.resolve("stderr"));
  }

  /** Waits for the first evaluation, whose result is a checkpoint. */
  private void awaitCheckpoint() throws Exception {
    Path checkpoints = folder.resolve("out/checkpoints");
    while (!Files.isDirectory(checkpoints) || checkpoints.toFile().list().length == 0) {
      assertThat(launcher.isAlive()).as(stderr()).isTrue();
      Thread.sleep(20);
    }
  }

  @Test
  void trainsAndSpeaksWithOneVoice() throws Exception {
    start(2);

    assertThat(launcher.waitFor()).as(stderr()).isZero();
    assertThat(Files.readAllLines(folder.resolve("stdout")))
        .singleElement()
        .asString()
        .startsWith("accuracy");
    assertThat(stderr()).doesNotContain("[rank 1]").containsOnlyOnce("training and");
    JsonNode summary = new ObjectMapper().readTree(folder.resolve("out/summary.json").toFile());
    assertThat(summary.get("steps").asInt()).isPositive();
    assertThat(folder.resolve("out/model.safetensors")).isNotEmptyFile();
    // The command that the user gave, not that of a rank.
    JsonNode card = new ObjectMapper().readTree(folder.resolve("out/run.json").toFile());
    assertThat(card.get("command").asText()).contains("--nproc");
  }

  @Test
  void everyRankListsTheImagesThatItCouldNotUse() throws Exception {
    for (int i = 0; i < 8; i++) {
      Files.writeString(folder.resolve("images/dark/broken" + i + ".png"), "no image");
    }
    start(2, "--max-broken=0.5");

    assertThat(launcher.waitFor()).as(stderr()).isZero();
    for (String name : List.of("broken-files.tsv", "broken-files-rank-1.tsv")) {
      assertThat(folder.resolve("out").resolve(name)).content().contains("broken");
    }
  }

  /** Ctrl-C reaches all processes of a terminal, {@code kill} the launcher alone. */
  @ParameterizedTest
  @CsvSource({"TERM, false, 143", "INT, false, 130", "INT, true, 130"})
  void aSignalEndsAllRanksAfterSaving(String signal, boolean toAll, int code) throws Exception {
    // What runs in the background of a shell ignores interrupts, and so do its children.
    assumeThat(signal.equals("INT") && interruptsAreIgnored()).isFalse();
    start(100_000);
    awaitCheckpoint();
    List<ProcessHandle> ranks = launcher.children().toList();
    List<String> kill = new ArrayList<>(List.of("kill", "-" + signal));
    kill.add(String.valueOf(launcher.pid()));
    if (toAll) {
      ranks.forEach(rank -> kill.add(String.valueOf(rank.pid())));
    }
    new ProcessBuilder(kill).start().waitFor();

    assertThat(launcher.waitFor(30, TimeUnit.SECONDS)).as(stderr()).isTrue();
    assertThat(launcher.exitValue()).isEqualTo(code);
    assertThat(ranks).hasSize(2).noneMatch(ProcessHandle::isAlive);
    assertThat(stderr()).containsOnlyOnce("stopped after step").doesNotContain("et: ");
  }

  @Test
  void aRankThatIsKilledEndsTheJobByName() throws Exception {
    start(100_000);
    awaitCheckpoint();
    ProcessHandle victim =
        launcher.children().max((a, b) -> Long.compare(a.pid(), b.pid())).orElseThrow();
    victim.destroyForcibly();

    assertThat(launcher.waitFor(30, TimeUnit.SECONDS)).as(stderr()).isTrue();
    assertThat(launcher.exitValue()).isEqualTo(137);
    assertThat(stderr())
        .contains("et: rank 1 was ended by signal 9")
        .contains("et: rank 1 of 2 has shown no sign of life for 3 s");
  }

  @Test
  void ranksEndWithTheirLauncher() throws Exception {
    start(100_000);
    awaitCheckpoint();
    List<ProcessHandle> ranks = launcher.children().toList();
    launcher.destroyForcibly();

    for (ProcessHandle rank : ranks) {
      rank.onExit().get(30, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--nproc=2 --batch-size=7, Batch size 7 cannot be split over 2 ranks",
    "--nproc=0, '--nproc must be 1 to 1024, not 0'",
    "--nproc=2 --data=nowhere, nowhere",
  })
  void whatCannotBeIsRefusedOnce(String arguments, String message) {
    List<String> command = new ArrayList<>(List.of("train", "--epochs=1"));
    command.addAll(List.of("--model=resnet20_cifar", "--out=" + folder.resolve("out")));
    if (!arguments.contains("--data")) {
      command.add("--data=" + folder.resolve("images"));
    }
    command.addAll(List.of(arguments.split(" ")));
    CommandLineTest.Result result = CommandLineTest.run(command.toArray(String[]::new));

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).containsOnlyOnce("et: ").contains(message);
  }

  @Test
  void aDryRunPlansTheRanks() {
    CommandLineTest.Result result =
        CommandLineTest.run(
            "train",
            "--data=" + folder.resolve("images"),
            "--model=resnet20_cifar",
            "--image-size=16",
            "--epochs=2",
            "--batch-size=8",
            "--dry-run",
            "--nproc=2",
            "--out=" + folder.resolve("out"));

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("2 ranks", "4x1", "steps").doesNotContain("8x1");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  /** A machine that lacks a library which libtorch stands on, played by the lack of libtorch. */
  @Test
  void nativeLibrariesThatAreMissingAreNamed() throws Exception {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.matches(".*pytorch-[^/]*linux[^/]*\\.jar"))
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                Main.class.getName(),
                "train",
                "--data=" + folder.resolve("images"),
                "--model=resnet20_cifar",
                "--epochs=1",
                "--out=" + folder.resolve("out"))
            .redirectErrorStream(true)
            .start();
    List<String> lines = process.inputReader().lines().toList();

    assertThat(process.waitFor()).as(lines.toString()).isEqualTo(2);
    assertThat(lines).last().asString().startsWith("et: the native libraries cannot be loaded (");
    assertThat(lines).noneMatch(line -> line.startsWith("\tat "));
  }

  @Test
  void theCountIsNotPassedOn() {
    assertThat(LocalRanks.withoutCount(List.of("train", "--nproc", "2", "--resume")))
        .isEqualTo(LocalRanks.withoutCount(List.of("train", "--nproc=2", "--resume")))
        .containsExactly("train", "--resume");
  }
}
