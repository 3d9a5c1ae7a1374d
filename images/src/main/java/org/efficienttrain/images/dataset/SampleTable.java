package org.efficienttrain.images.dataset;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.efficienttrain.images.ImageException;

/**
 * The samples of a dataset: for each a name, a label and a place, which is a range of bytes in one
 * of several files. Kept in flat arrays, about 30 bytes and the name per sample, so that the 14
 * million images of ImageNet-22K fit.
 */
final class SampleTable {
  /** The label of a sample in a table without classes. */
  static final int UNLABELLED = -1;

  private final List<String> classes;
  private final int size;
  private final int[] labels;
  private final int[] sources;
  private final long[] offsets;
  private final int[] lengths;
  private final byte[] names;
  private final int[] nameEnds;

  private SampleTable(Builder builder, List<String> classes) {
    this.classes = List.copyOf(classes);
    this.size = builder.size;
    this.labels = Arrays.copyOf(builder.labels, size);
    this.sources = Arrays.copyOf(builder.sources, size);
    this.offsets = Arrays.copyOf(builder.offsets, size);
    this.lengths = Arrays.copyOf(builder.lengths, size);
    this.nameEnds = Arrays.copyOf(builder.nameEnds, size);
    this.names = Arrays.copyOf(builder.names, size == 0 ? 0 : nameEnds[size - 1]);
  }

  List<String> classes() {
    return classes;
  }

  int size() {
    return size;
  }

  int label(int index) {
    return labels[index];
  }

  /** Number of the file that the sample is in. */
  int source(int index) {
    return sources[index];
  }

  /** Where in that file it begins. */
  long offset(int index) {
    return offsets[index];
  }

  /** How many bytes it has there. */
  int length(int index) {
    return lengths[index];
  }

  String name(int index) {
    return nameAt(names, nameEnds, index);
  }

  private static String nameAt(byte[] names, int[] ends, int index) {
    int start = index == 0 ? 0 : ends[index - 1];
    return new String(names, start, ends[index] - start, StandardCharsets.UTF_8);
  }

  /** See {@link org.efficienttrain.images.ImageDataset#fingerprint}. */
  String fingerprint() {
    MessageDigest digest = sha256();
    for (String name : classes) {
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    byte[] numbers = new byte[12];
    for (int i = 0; i < size; i++) {
      int start = i == 0 ? 0 : nameEnds[i - 1];
      putInt(numbers, 0, labels[i]);
      putInt(numbers, 4, lengths[i]);
      putInt(numbers, 8, nameEnds[i] - start);
      digest.update(numbers);
      digest.update(names, start, nameEnds[i] - start);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void putInt(byte[] target, int at, int value) {
    for (int i = 0; i < Integer.BYTES; i++) {
      target[at + i] = (byte) (value >>> (8 * i));
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Two classes whose names differ only in case are one class on some file systems. */
  private static void checkClasses(List<String> classes, String where) {
    Map<String, String> seen = new HashMap<>();
    for (String name : classes) {
      String other = seen.put(name.toLowerCase(Locale.ROOT), name);
      if (other != null) {
        throw new ImageException(
            "%s has two classes that differ only in case, %s and %s: rename or merge one"
                .formatted(where, other, name));
      }
    }
  }

  /** Collects samples in the order of the dataset. */
  static final class Builder {
    private int size;
    private int[] labels = new int[64];
    private int[] sources = new int[64];
    private long[] offsets = new long[64];
    private int[] lengths = new int[64];
    private int[] nameEnds = new int[64];
    private byte[] names = new byte[1024];

    int size() {
      return size;
    }

    String name(int index) {
      return nameAt(names, nameEnds, index);
    }

    int label(int index) {
      return labels[index];
    }

    void setLabel(int index, int label) {
      labels[index] = label;
    }

    int source(int index) {
      return sources[index];
    }

    long offset(int index) {
      return offsets[index];
    }

    int length(int index) {
      return lengths[index];
    }

    void add(String name, int label, int source, long offset, long length) {
      if (length > Integer.MAX_VALUE) {
        // A store refuses it when it is read; the table need not know how much larger it is.
        length = Integer.MAX_VALUE;
      }
      if (size == labels.length) {
        int larger = grown(size);
        labels = Arrays.copyOf(labels, larger);
        sources = Arrays.copyOf(sources, larger);
        offsets = Arrays.copyOf(offsets, larger);
        lengths = Arrays.copyOf(lengths, larger);
        nameEnds = Arrays.copyOf(nameEnds, larger);
      }
      byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
      int start = size == 0 ? 0 : nameEnds[size - 1];
      int end = Math.addExact(start, bytes.length);
      if (end > names.length) {
        names = Arrays.copyOf(names, Math.max(end, grown(names.length)));
      }
      System.arraycopy(bytes, 0, names, start, bytes.length);
      labels[size] = label;
      sources[size] = source;
      offsets[size] = offset;
      lengths[size] = (int) length;
      nameEnds[size] = end;
      size++;
    }

    private static int grown(int size) {
      return (int) Math.min(Integer.MAX_VALUE - 8, size + (size >> 1) + 16L);
    }

    /**
     * The finished table.
     *
     * @param classes none for images without labels: every label is -1 then
     * @param where the dataset, for messages
     */
    SampleTable build(List<String> classes, String where) {
      if (size == 0) {
        throw new ImageException(where + " holds no images");
      }
      checkClasses(classes, where);
      for (int i = 0; i < size; i++) {
        boolean right = classes.isEmpty() ? labels[i] == UNLABELLED : labels[i] >= 0;
        if (!right || labels[i] >= classes.size()) {
          throw new ImageException(
              "%s: sample %d has the label %d, outside 0..%d"
                  .formatted(where, i, labels[i], classes.size() - 1));
        }
      }
      return new SampleTable(this, classes);
    }
  }
}
