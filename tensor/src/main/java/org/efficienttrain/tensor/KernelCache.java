package org.efficienttrain.tensor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.efficienttrain.tensor.io.AtomicFile;

/**
 * Remembers on the disk what {@link KernelTuner} measured: one text file for each processor, limit
 * of instructions, version of the libraries and number of threads.
 *
 * <p>A file that is not wholly what was written here, for whatever reason, counts as none and is
 * made anew; a folder that cannot be written in costs a second at each start.
 */
public final class KernelCache {
  /** Far above what any network needs. */
  private static final long MOST_BYTES = 1 << 20;

  private static final Pattern ENTRY =
      Pattern.compile(
          "((?:linear|attention|convolution|depthwise) [0-9a-z >-]{1,100})\t([a-z]{1,20})");

  private final Path file;
  private final String heading;

  /**
   * A cache in a folder, which need not exist yet.
   *
   * @param folder where things are kept that can be made again
   */
  public KernelCache(Path folder) {
    this.heading =
        "kernels 10; "
            + Torch.VERSION
            + "; "
            + Torch.blas()
            + "; "
            + Torch.threads()
            + " threads; "
            + Processor.describe();
    this.file = folder.resolve("kernels").resolve(Integer.toHexString(heading.hashCode()) + ".txt");
  }

  /** Where it is. */
  public Path file() {
    return file;
  }

  /** What earlier runs on this machine chose; {@link KernelChoices#NONE} where there were none. */
  public KernelChoices remembered() {
    return KernelChoices.fromMap(read());
  }

  /** Implementation by shape; empty where there is no sound file for this machine. */
  Map<String, String> read() {
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
        return Map.of();
      }
      List<String> lines =
          new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
      if (lines.isEmpty() || !lines.get(0).equals(heading)) {
        return Map.of();
      }
      Map<String, String> out = new TreeMap<>();
      for (String line : lines.subList(1, lines.size())) {
        var entry = ENTRY.matcher(line);
        if (!entry.matches()) {
          return Map.of();
        }
        out.put(entry.group(1), entry.group(2));
      }
      return out;
    } catch (IOException e) {
      return Map.of();
    }
  }

  /** Replaces the file; without one where that fails. */
  void write(Map<String, String> choices) {
    StringBuilder text = new StringBuilder(heading).append('\n');
    new TreeMap<>(choices)
        .forEach((shape, name) -> text.append(shape).append('\t').append(name).append('\n'));
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    try {
      Files.createDirectories(file.getParent());
      AtomicFile.write(file, bytes);
    } catch (IOException | TensorException e) {
      // Measured again the next time.
    }
  }
}
