package org.efficienttrain.images.loader;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.ImageException;

/**
 * The images that could not be used, each counted once however often it is met. Safe for use by
 * many threads.
 */
public final class BrokenFiles {
  /**
   * One image that could not be used.
   *
   * @param index its number in the dataset
   * @param name its path
   * @param message what is wrong, in words
   */
  public record BrokenFile(int index, String name, Reason reason, String message) {}

  private final ConcurrentSkipListMap<Integer, BrokenFile> files = new ConcurrentSkipListMap<>();

  /** Whether a sample is already known to be broken. */
  boolean contains(int index) {
    return files.containsKey(index);
  }

  /** Adds an image, once. */
  public void add(int index, String name, BrokenImageException error) {
    files.putIfAbsent(index, new BrokenFile(index, name, error.reason(), error.getMessage()));
  }

  /** Number of broken images. */
  public int count() {
    return files.size();
  }

  /** All of them in dataset order. */
  public List<BrokenFile> list() {
    return List.copyOf(files.values());
  }

  /** How many there are of each reason that occurred. */
  public Map<Reason, Integer> byReason() {
    Map<Reason, Integer> counts = new EnumMap<>(Reason.class);
    for (BrokenFile file : files.values()) {
      counts.merge(file.reason(), 1, Integer::sum);
    }
    return counts;
  }

  /** The counts in words, for example {@code "3 broken files (2 truncated, 1 empty file)"}. */
  public String summary() {
    StringBuilder text = new StringBuilder();
    text.append(count()).append(count() == 1 ? " broken file" : " broken files");
    String separator = " (";
    for (Map.Entry<Reason, Integer> entry : byReason().entrySet()) {
      text.append(separator).append(entry.getValue()).append(' ').append(entry.getKey().words());
      separator = ", ";
    }
    return text + (count() == 0 ? "" : ")");
  }

  /** Writes one line per image: reason, path and message, separated by tabs. */
  public void writeTo(Path file) {
    StringBuilder text = new StringBuilder("reason\tfile\tmessage\n");
    for (BrokenFile broken : files.values()) {
      text.append(oneField(broken.reason().words())).append('\t');
      text.append(oneField(broken.name())).append('\t');
      text.append(oneField(String.valueOf(broken.message()))).append('\n');
    }
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, text.toString());
    } catch (IOException e) {
      throw new ImageException(
          "cannot write the list of broken files " + file + ": " + e.getMessage(), e);
    }
  }

  /** File names may hold any character; a tab or a line break must not split a line. */
  private static String oneField(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
