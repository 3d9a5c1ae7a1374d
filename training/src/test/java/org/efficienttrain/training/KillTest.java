package org.efficienttrain.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A run that is killed again and again ends as one that never was, to the last bit. The property
 * {@code efficienttrain.kills} sets how often.
 */
class KillTest {
  private static final int KILLS = Integer.getInteger("efficienttrain.kills", 20);
  private static final int LONGEST_LIFE_MILLIS = 400;
  private static final String EPOCHS = "10";

  @TempDir Path folder;

  @Test
  void aKilledRunEndsAsOneThatNeverWas() throws Exception {
    Path whole = folder.resolve("whole");
    Process undisturbed = start(whole);
    undisturbed.getInputStream().readAllBytes();
    assertThat(undisturbed.waitFor()).isZero();

    Path killed = folder.resolve("killed");
    int kills = 0;
    for (Random random = new Random(7); kills < KILLS; kills++) {
      if (!startAndKill(killed, random.nextInt(LONGEST_LIFE_MILLIS))) {
        break;
      }
    }
    Process last = start(killed);
    last.getInputStream().readAllBytes();
    assertThat(last.waitFor()).isZero();

    assertThat(kills).as("kills that met a living run").isGreaterThanOrEqualTo(KILLS / 2);
    assertThat(Files.readAllBytes(killed.resolve("model.safetensors")))
        .isEqualTo(Files.readAllBytes(whole.resolve("model.safetensors")));
    assertThat(MetricsLines.withoutClock(killed)).isEqualTo(MetricsLines.withoutClock(whole));
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130"})
  void aRunThatIsToldToEndSavesAndSaysSoWithItsExitCode(String signal, int code) throws Exception {
    assumeThat(signal.equals("INT") && interruptsAreIgnored())
        .as("interrupts are ignored here, as of a job in the background")
        .isFalse();
    Path out = folder.resolve("told");
    Process process = start(out);
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(lines.readLine()).startsWith("saved");
      new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start().waitFor();
      lines.transferTo(Writer.nullWriter());
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(code);
    assertThat(out.resolve("checkpoints")).isNotEmptyDirectory();
    assertThat(out.resolve("summary.json")).doesNotExist();
  }

  /** A shell starts what runs in the background with SIGINT ignored, which children inherit. */
  private static boolean interruptsAreIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }

  private static Process start(Path out) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            TrainingChild.class.getName(),
            out.toString(),
            EPOCHS);
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  /** Kills some time after the first sign of life; false when the run had ended before. */
  private static boolean startAndKill(Path out, int millis) throws Exception {
    Process process = start(out);
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      lines.readLine();
      if (process.waitFor(millis, TimeUnit.MILLISECONDS)) {
        return false;
      }
    } finally {
      process.destroyForcibly(); // SIGKILL
      process.waitFor();
    }
    return true;
  }
}
