package org.efficienttrain.training.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.efficienttrain.tensor.io.AtomicFile;

/** The file {@code SHA256SUMS} of a folder, in the form that {@code sha256sum -c} reads. */
final class Checksums {
  static final String FILE = "SHA256SUMS";
  private static final int DIGITS = 64;
  private static final String GAP = "  ";

  private Checksums() {}

  /** Writes the sums of all files that lie in a folder. */
  static void write(Path folder) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String name : names(folder)) {
      text.append(sum(folder.resolve(name))).append(GAP).append(name).append('\n');
    }
    AtomicFile.write(folder.resolve(FILE), text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(FILE))
          .sorted()
          .toList();
    }
  }

  /** What is wrong with a folder, or null when every file is as it was written. */
  static String fault(Path folder) {
    try {
      List<String> lines = Files.readAllLines(folder.resolve(FILE), StandardCharsets.UTF_8);
      for (String line : lines) {
        if (line.length() <= DIGITS + GAP.length() || !line.startsWith(GAP, DIGITS)) {
          return FILE + " is not a list of checksums";
        }
        String name = line.substring(DIGITS + GAP.length());
        if (name.contains("/") || !Files.isRegularFile(folder.resolve(name))) {
          return name + " is missing";
        }
        if (!sum(folder.resolve(name)).equals(line.substring(0, DIGITS))) {
          return name + " differs from its checksum";
        }
      }
      boolean complete = lines.size() == names(folder).size() && !lines.isEmpty();
      return complete ? null : FILE + " does not list every file";
    } catch (IOException | UncheckedIOException e) {
      return FILE + " cannot be read";
    }
  }

  private static String sum(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 20];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }
}
