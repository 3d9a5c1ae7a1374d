package org.efficienttrain.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.efficienttrain.tensor.TensorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of seeded variants of sound files: each loads correctly or is refused with the module's
 * exception, and allocates no more than a multiple of its size.
 *
 * <p>The property {@code efficienttrain.fuzz.variants} sets how many (default 4000). A failure
 * names the seed; {@code efficienttrain.fuzz.first} starts there.
 */
class MutatedFilesTest {
  private static final int VARIANTS = Integer.getInteger("efficienttrain.fuzz.variants", 4000);
  private static final int FIRST = Integer.getInteger("efficienttrain.fuzz.first", 0);

  /**
   * Everything allocated while opening and reading all states of one file, for each of its bytes.
   * Garbage counts too, so what is alive at one time is much less.
   */
  private static final long MOST_BYTES_PER_BYTE = 400;

  private static final long MOST_BYTES_FIXED = 1 << 20;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path folder;

  /** A sound file; {@code checked} if a checksum covers all of its content. */
  private static final class Original {
    private final String name;
    private final byte[] bytes;
    private final boolean checked;

    Original(String name, byte[] bytes, boolean checked) {
      this.name = name;
      this.bytes = bytes;
      this.checked = checked;
    }
  }

  private static List<Original> originals() throws IOException {
    List<Original> originals = new ArrayList<>();
    for (String name :
        List.of("state_dict.pth", "half.pth", "views.pth", "training_checkpoint.pth")) {
      byte[] bytes = Files.readAllBytes(GoldenFiles.path(name));
      originals.add(new Original(name, bytes, true));
      // Without checksums the mutations reach the pickle and the views.
      originals.add(new Original(name + " without checksums", withoutChecksums(bytes), false));
    }
    for (String name : List.of("legacy_format.pth", "weights.safetensors")) {
      originals.add(new Original(name, Files.readAllBytes(GoldenFiles.path(name)), false));
    }
    for (String name :
        List.of("checkpoint4_legacy.pth", "views_legacy.pth", "types.safetensors", "nocrc.pth")) {
      Path path = GoldenFiles.path("../torch/" + name);
      originals.add(new Original(name, Files.readAllBytes(path), false));
    }
    return originals;
  }

  /** Zeroes the checksums of the zip directory, which says that there are none. */
  private static byte[] withoutChecksums(byte[] zip) {
    byte[] copy = zip.clone();
    for (int at = 0; at + 46 < copy.length; at++) {
      if (copy[at] == 'P' && copy[at + 1] == 'K' && copy[at + 2] == 1 && copy[at + 3] == 2) {
        Arrays.fill(copy, at + 16, at + 20, (byte) 0);
      }
    }
    return copy;
  }

  @Test
  void everyVariantLoadsCorrectlyOrIsRefused() throws IOException {
    List<Original> originals = originals();
    Map<String, Map<String, byte[]>> contents = new HashMap<>();
    Path path = folder.resolve("variant");
    for (Original original : originals) {
      Files.write(path, original.bytes);
      contents.put(original.name, load(path));
    }
    int refused = 0;
    for (int seed = FIRST; seed < FIRST + VARIANTS; seed++) {
      Original original = originals.get(seed % originals.size());
      byte[] variant = mutate(original, originals, new Random(seed));
      Files.write(path, variant);
      String what = "seed " + seed + ", " + original.name;
      long before = THREADS.getCurrentThreadAllocatedBytes();
      Map<String, byte[]> loaded = null;
      try {
        loaded = load(path);
      } catch (TensorException e) {
        refused++;
        assertThat(e.getMessage()).as(what).startsWith(path.toString()).doesNotContain("\n");
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError(what, e);
      }
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertThat(allocated)
          .as(what)
          .isLessThan(MOST_BYTES_FIXED + MOST_BYTES_PER_BYTE * variant.length);
      if (loaded != null) {
        checkContent(what, original, variant, loaded, contents.get(original.name));
      }
    }
    // Both outcomes must occur, or the mutations test nothing.
    assertThat(refused).isBetween(VARIANTS / 3, VARIANTS - VARIANTS / 50);
  }

  /** Every tensor of every state, its description included in the key. */
  private static Map<String, byte[]> load(Path path) {
    Map<String, byte[]> content = new HashMap<>();
    List<String> states;
    try (WeightFile file = WeightFile.open(path)) {
      states = file.states();
      assertThat(WeightFileReport.text(file)).contains("tensors,");
    }
    for (String state : states) {
      try (WeightFile file = WeightFile.open(path, state)) {
        file.tensors()
            .forEach(
                (name, info) -> {
                  byte[] bytes = GoldenFiles.bytes(file, name);
                  assertThat(bytes.length).isEqualTo((int) info.bytes());
                  content.put(state + "/" + info, bytes);
                });
      }
    }
    return content;
  }

  private static void checkContent(
      String what,
      Original original,
      byte[] variant,
      Map<String, byte[]> loaded,
      Map<String, byte[]> unchanged)
      throws IOException {
    if (original.checked) {
      assertThat(loaded.keySet()).as(what).isEqualTo(unchanged.keySet());
      loaded.forEach((key, bytes) -> assertThat(bytes).as(what).isEqualTo(unchanged.get(key)));
    }
    if (original.name.endsWith(".safetensors")) {
      checkSafetensors(what, variant, loaded);
    }
  }

  /** A second, naive reading of the format. */
  private static void checkSafetensors(String what, byte[] file, Map<String, byte[]> loaded)
      throws IOException {
    int size = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String json = new String(file, Long.BYTES, size, StandardCharsets.UTF_8);
    JsonNode header = new ObjectMapper().readTree(json);
    List<byte[]> expected = new ArrayList<>();
    header
        .properties()
        .forEach(
            entry -> {
              JsonNode offsets = entry.getValue().get("data_offsets");
              if (!entry.getKey().equals("__metadata__")) {
                int start = Long.BYTES + size;
                expected.add(
                    Arrays.copyOfRange(
                        file, start + offsets.get(0).asInt(), start + offsets.get(1).asInt()));
              }
            });
    assertThat(loaded.values()).as(what).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static byte[] mutate(Original original, List<Original> originals, Random random) {
    byte[] bytes = original.bytes.clone();
    int mutations = 1 + random.nextInt(3);
    for (int i = 0; i < mutations && bytes.length > 1; i++) {
      int at = random.nextInt(bytes.length);
      int length = 1 + random.nextInt(Math.min(64, bytes.length - at));
      switch (random.nextInt(8)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes = Arrays.copyOf(bytes, at);
        case 2 -> fill(bytes, at, length, random);
        case 3 -> bytes = splice(bytes, at, at, Arrays.copyOfRange(bytes, at, at + length));
        case 4 -> bytes = splice(bytes, at, at + length, new byte[0]);
        case 5 -> {
          byte[] noise = new byte[length];
          random.nextBytes(noise);
          bytes = splice(bytes, at, at, noise);
        }
        case 6 -> extreme(bytes, at, random);
        default -> {
          byte[] other = originals.get(random.nextInt(originals.size())).bytes;
          int from = random.nextInt(other.length);
          int to = Math.min(other.length, from + length);
          bytes =
              splice(
                  bytes,
                  at,
                  Math.min(bytes.length, at + to - from),
                  Arrays.copyOfRange(other, from, to));
        }
      }
    }
    return bytes;
  }

  private static void fill(byte[] bytes, int at, int length, Random random) {
    for (int i = at; i < at + length; i++) {
      bytes[i] = (byte) random.nextInt();
    }
  }

  /** Overwrites a number by one at the edge of its range. */
  private static void extreme(byte[] bytes, int at, Random random) {
    long[] values = {-1, 0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, 1L << 32};
    byte[] number = new byte[Long.BYTES];
    ByteBuffer.wrap(number)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(values[random.nextInt(values.length)]);
    int width = 1 << random.nextInt(4);
    System.arraycopy(number, 0, bytes, at, Math.min(width, bytes.length - at));
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] insert) {
    byte[] out = new byte[bytes.length - (to - from) + insert.length];
    System.arraycopy(bytes, 0, out, 0, from);
    System.arraycopy(insert, 0, out, from, insert.length);
    System.arraycopy(bytes, to, out, from + insert.length, bytes.length - to);
    return out;
  }
}
