package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM at work that has nothing to save. */
@Timeout(120)
class EndSignalsTest {
  private static final int ROUNDS = 3;

  @TempDir Path folder;

  private Process findRate() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-XX:ErrorFile=" + folder.resolve("crash.log")));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("find", "lr", "--data=" + TinyRun.data(), "--model=resnet20_cifar"));
    command.addAll(List.of("--image-size=16", "--batch-size=16", "--steps=100000"));
    command.addAll(List.of("--out=" + folder.resolve("lr.png")));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("ET_KERNELS", "rule");
    return builder
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("output").toFile())
        .start();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"));
  }

  /** The steps end with the process, not while libtorch is taken down around them. */
  @Test
  void aSignalEndsTheProcessWithoutACrash() throws Exception {
    Random random = new Random(3);
    for (int round = 0; round < ROUNDS; round++) {
      Process process = findRate();
      try {
        while (!output().contains("steps: ")) {
          assertThat(process.isAlive()).as(output()).isTrue();
          Thread.sleep(20);
        }
        Thread.sleep(random.nextInt(1000));
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      } finally {
        process.destroyForcibly();
      }
      assertThat(process.exitValue()).as(output()).isEqualTo(Main.STOPPED);
      assertThat(output()).doesNotContain("et: ").doesNotContain("SIG");
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files).extracting(Path::getFileName).map(Path::toString).containsOnly("output");
      }
    }
  }
}
