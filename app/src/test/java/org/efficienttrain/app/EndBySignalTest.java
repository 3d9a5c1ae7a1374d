package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SIGTERM to a command that has nothing to save, from outside. */
@Timeout(120)
class EndBySignalTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aCommandEndsAtOnceAndSilently(long seed) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("find", "lr", "--data=" + TinyRun.data(), "--model=deit_tiny"));
    command.addAll(List.of("--image-size=64", "--batch-size=16", "--steps=100000"));
    Path stderr = folder.resolve("stderr");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(stderr.toFile())
            .start();
    try {
      while (!Files.readString(stderr).contains("steps: ")) {
        assertThat(process.isAlive()).as(Files.readString(stderr)).isTrue();
        Thread.sleep(20);
      }
      Thread.sleep(new Random(seed).nextInt(1000));
      String before = Files.readString(stderr);
      process.destroy();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(stderr)).isEqualTo(Main.STOPPED);
      assertThat(Files.readString(stderr).substring(before.length()).lines())
          .allMatch(line -> line.isBlank() || line.contains("steps: "));
      try (var files = Files.list(folder)) {
        assertThat(files).containsExactly(stderr); // no report of a crash, no picture
      }
    } finally {
      process.destroyForcibly();
    }
  }
}
