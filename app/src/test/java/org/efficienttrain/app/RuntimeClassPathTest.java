package org.efficienttrain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.efficienttrain.images.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program has what it needs without the tests' libraries. A library that tests need too can
 * take what both need, such as the Commons Lang of archives, out of the program and no other test
 * sees it.
 */
class RuntimeClassPathTest {
  private static final Path CLASS_PATH = Path.of("target/runtime-class-path.txt");

  @TempDir Path folder;

  @Test
  void hasNoLibraryOfTheTests() throws IOException {
    assertThat(Files.readString(CLASS_PATH))
        .doesNotContain("junit", "assertj", "djl", "onnxruntime");
  }

  @Test
  @Timeout(60)
  void opensACompressedArchive() throws Exception {
    Path archive = folder.resolve("photos.tar.gz");
    Files.write(archive, photos());
    Path said = folder.resolve("said");
    String classPath = "target/classes" + File.pathSeparator + Files.readString(CLASS_PATH).strip();
    Process program =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    classPath,
                    Main.class.getName(),
                    "data",
                    "inspect",
                    archive.toString(),
                    "--out",
                    folder.resolve("inspected").toString()))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertThat(program.waitFor()).as(Files.readString(said)).isZero();
    assertThat(Files.readString(said)).contains("2 images in 2 classes");
  }

  private static byte[] photos() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream zipped = new GZIPOutputStream(bytes);
        TarArchiveOutputStream tar =
            new TarArchiveOutputStream(zipped, StandardCharsets.UTF_8.name())) {
      for (String name : List.of("cat/1.ppm", "dog/1.ppm")) {
        byte[] file = Image.black(8, 8).toPpm();
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(file.length);
        tar.putArchiveEntry(entry);
        tar.write(file);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }
}
