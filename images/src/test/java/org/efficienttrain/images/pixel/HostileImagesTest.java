package org.efficienttrain.images.pixel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.efficienttrain.images.pixel.HostileChild.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that claim much in few bytes ({@code golden/images/hostile_*}), and damaged ones of every
 * format, in a process of its own whose memory the system measures.
 */
@EnabledOnOs(OS.LINUX)
class HostileImagesTest {
  private static final long MOST_MILLIS = 1000;

  /** Beyond the pixels that were decoded. */
  private static final long MOST_MEGABYTES = 64;

  @TempDir static Path folder;

  private static Map<String, Outcome> outcomes;

  @BeforeAll
  static void decodeAll() throws Exception {
    List<String> names = new ArrayList<>();
    for (String name : Golden.names("images")) {
      if (name.startsWith("hostile_") || name.startsWith("anim_") || name.equals("bomb.png")) {
        names.add(name);
      }
    }
    outcomes = run("-Xmx1g", names.toArray(String[]::new));
    assertThat(outcomes.keySet()).containsExactlyElementsOf(names).hasSizeGreaterThan(30);
  }

  @Test
  void noFileTakesLongOrMuchMemory() {
    outcomes.forEach(
        (name, outcome) -> {
          assertThat(outcome.millis()).as("ms of %s", outcome).isLessThan(MOST_MILLIS);
          assertThat(outcome.megabytes()).as("MB of %s", outcome).isLessThan(MOST_MEGABYTES);
        });
  }

  /** Those that Pillow reads too, with the same pixels; all others are refused by a sentence. */
  @Test
  void filesAreRefusedOrDecodedAsPillowDoes() {
    List<String> decoded =
        outcomes.values().stream().filter(Outcome::decoded).map(Outcome::name).toList();
    assertThat(decoded)
        .containsExactlyInAnyOrder(
            "anim_300.gif",
            "anim_300.webp",
            "anim_300_apng.png",
            "hostile_png_many_empty_chunks.png",
            "hostile_tiff_ifd_loop.tif");
    ImageDecoder decoder = new ImageDecoder();
    for (String name : decoded) {
      byte[] pillow = decoder.decode(Golden.bytes("pillow/" + name + ".ppm")).pixels();
      assertThat(decoder.decode(Golden.bytes("images/" + name)).pixels()).isEqualTo(pillow);
    }
    outcomes.values().stream()
        .filter(outcome -> !outcome.decoded())
        .forEach(
            outcome -> assertThat(outcome.result()).matches("[A-Z_]+: [a-z0-9][^\\n]{10,120}"));
  }

  @Test
  void damagedFilesOfEveryFormatEndInASentence() throws Exception {
    Map<String, Outcome> damaged = run("-Xmx64m", "--damaged", "4000");
    assertThat(damaged).hasSizeGreaterThan(40);
    damaged.forEach(
        (name, outcome) -> {
          assertThat(outcome.millis()).as("ms of %s", outcome).isLessThan(MOST_MILLIS);
          assertThat(outcome.megabytes()).as("MB of %s", outcome).isLessThan(2 * MOST_MEGABYTES);
        });
  }

  /** A whole, valid picture that the heap cannot hold. */
  @Test
  void aPictureTooLargeForTheHeapIsABrokenFile() throws Exception {
    Outcome outcome = run("-Xmx24m", "--large").get("large");
    assertThat(outcome.result())
        .isEqualTo(
            "TOO_LARGE: the image has 4000 x 3000 pixels, too many for the memory at hand: give Java more (-Xmx)");
  }

  private static Map<String, Outcome> run(String heap, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(heap, "-cp", System.getProperty("java.class.path")));
    command.add(HostileChild.class.getName());
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile(folder, "child", ".out");
    Path err = Files.createTempFile(folder, "child", ".err");
    Process child =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(child.waitFor(10, TimeUnit.MINUTES)).as("the child ends").isTrue();
    } finally {
      child.destroyForcibly();
    }
    assertThat(child.exitValue()).as(Files.readString(err)).isZero();
    return parse(out);
  }

  private static Map<String, Outcome> parse(Path file) throws IOException {
    Map<String, Outcome> result = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file)) {
      Outcome outcome = Outcome.parse(line);
      result.put(outcome.name(), outcome);
    }
    return result;
  }
}
