package org.efficienttrain.images.pixel;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Names the files that the lines are about which a native decoder writes on standard error by
 * itself, such as libjpeg's {@code Corrupt JPEG data}.
 *
 * <p>Nothing is redirected, so nothing can be lost, held up or reordered. Linux counts the bytes
 * that each thread writes, and a thread that decodes writes nothing else: a count that grew during
 * a decode means that the decoder spoke, and of which image. Where the system keeps no such count
 * (macOS, Windows), nothing is named.
 */
public final class DecoderLines {
  /** Files that are named, each once in the life of the process; of more nothing is said. */
  private static final int MOST_NAMES = 10_000;

  private static final Path COUNTS = Path.of("/proc/thread-self/io");

  private static final boolean COUNTED = Files.isReadable(COUNTS);

  private static final ThreadLocal<DecoderLines> OF_THREAD =
      ThreadLocal.withInitial(DecoderLines::new);

  private static final Set<String> NAMED = ConcurrentHashMap.newKeySet();

  /** The counts of the thread that opened the file; null where there are none. */
  private final RandomAccessFile counts = open();

  private final byte[] text = new byte[128];

  /** What is being decoded; null while nobody knows. */
  private String name;

  private boolean heard;

  private DecoderLines() {}

  private static RandomAccessFile open() {
    try {
      return COUNTED ? new RandomAccessFile(COUNTS.toFile(), "r") : null;
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Decodes an image whose name is known, and names it should a decoder write.
   *
   * @param name of its file, as shown to people
   * @param decode may decode it more than once
   * @return whether a decoder wrote
   */
  public static boolean run(String name, Runnable decode) {
    DecoderLines own = OF_THREAD.get();
    own.name = name;
    own.heard = false;
    try {
      decode.run();
      return own.heard;
    } finally {
      own.name = null;
    }
  }

  /** As {@link #run}, for what comes of the image. */
  public static <T> T get(String name, Supplier<T> decode) {
    AtomicReference<T> result = new AtomicReference<>();
    run(name, () -> result.set(decode.get()));
    return result.get();
  }

  /** Runs a native decoder; should it write, the name of the file is written behind that. */
  static <T> T hear(Supplier<T> decoder) {
    DecoderLines own = OF_THREAD.get();
    if (own.counts == null || own.name == null) {
      return decoder.get();
    }
    long before = own.written();
    try {
      return decoder.get();
    } finally {
      if (own.written() != before) {
        own.heard = true;
        if (NAMED.size() < MOST_NAMES && NAMED.add(own.name)) {
          System.err.println("note: the decoder wrote this about " + own.name);
        }
      }
    }
  }

  /** Bytes that this thread has written in its life: the second line, {@code wchar: N}. */
  private long written() {
    try {
      counts.seek(0);
      int length = Math.max(0, counts.read(text));
      long bytes = 0;
      int line = 0;
      for (int i = 0; i < length && line < 2; i++) {
        if (text[i] == '\n') {
          line++;
        } else if (line == 1 && text[i] >= '0' && text[i] <= '9') {
          bytes = 10 * bytes + text[i] - '0';
        }
      }
      return bytes;
    } catch (IOException e) {
      return 0;
    }
  }
}
