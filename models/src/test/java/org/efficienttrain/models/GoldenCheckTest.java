package org.efficienttrain.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every network against figures of its official implementation. */
class GoldenCheckTest {
  private static Path golden() {
    return Path.of(System.getProperty("efficienttrain.golden", "src/test/resources/golden/models"));
  }

  @Test
  void everyGoldenFilePasses() {
    List<String> lines = new ArrayList<>();
    boolean passed =
        GoldenCheck.verify(
            golden(),
            line -> {
              System.out.println(line);
              lines.add(line);
            });
    assertThat(passed).as(String.join("\n", lines)).isTrue();
  }
}
