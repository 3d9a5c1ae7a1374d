package org.efficienttrain.images.dataset;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.RandomSource;

/** Some of the samples of a dataset, or all of them under other labels. */
public final class SubsetDataset implements ImageDataset {
  private final ImageDataset base;
  private final int[] indices;
  private final int[] labelMap;
  private final List<String> classes;
  private final String fingerprint;

  private SubsetDataset(ImageDataset base, int[] indices, int[] labelMap, List<String> classes) {
    this.base = base;
    this.indices = indices;
    this.labelMap = labelMap;
    this.classes = classes;
    MessageDigest digest = SampleTable.sha256();
    digest.update(base.fingerprint().getBytes(StandardCharsets.US_ASCII));
    digest.update(Arrays.toString(indices).getBytes(StandardCharsets.US_ASCII));
    digest.update(String.join("\0", classes).getBytes(StandardCharsets.UTF_8));
    this.fingerprint = HexFormat.of().formatHex(digest.digest());
  }

  /** The samples with these numbers, in this order. */
  public static ImageDataset of(ImageDataset base, int... indices) {
    int[] labels = new int[base.classes().size()];
    Arrays.setAll(labels, label -> label);
    return new SubsetDataset(base, indices.clone(), labels, base.classes());
  }

  /** The same samples without labels. */
  static ImageDataset unlabelled(ImageDataset base) {
    if (base.classes().isEmpty()) {
      return base;
    }
    int[] map = new int[base.classes().size()];
    Arrays.fill(map, SampleTable.UNLABELLED);
    return new SubsetDataset(base, all(base), map, List.of());
  }

  private static int[] all(ImageDataset base) {
    int[] all = new int[base.size()];
    Arrays.setAll(all, index -> index);
    return all;
  }

  /** The same samples under the labels that other classes give them, matched by class name. */
  static ImageDataset relabelled(ImageDataset base, List<String> classes, String where) {
    if (base.classes().equals(classes)) {
      return base;
    }
    Map<String, Integer> labels = new HashMap<>();
    for (int label = 0; label < classes.size(); label++) {
      labels.put(classes.get(label), label);
    }
    int[] map = new int[base.classes().size()];
    for (int label = 0; label < map.length; label++) {
      String name = base.classes().get(label);
      Integer known = labels.get(name);
      if (known == null) {
        throw new ImageException(
            "%s has the class %s, which the training images do not have: remove it, or add it to them"
                .formatted(where, name));
      }
      map[label] = known;
    }
    return new SubsetDataset(base, all(base), map, List.copyOf(classes));
  }

  /**
   * Splits a dataset by a hash of each name: a file keeps its side when others come or go, on every
   * machine. The shares are therefore only about the ones asked for. Neither side is empty.
   *
   * @param fraction share of the second part, in (0, 1)
   * @return the larger first part and the second part, both in dataset order
   */
  static ImageDataset[] split(ImageDataset base, double fraction, long seed) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new ImageException(
          "the share of validation images must be between 0 and 1, not " + fraction);
    }
    if (base.size() < 2) {
      throw new ImageException("one image cannot be split into training and validation");
    }
    double[] places = new double[base.size()];
    Arrays.setAll(places, index -> place(base.name(index), seed));
    double[] sorted = places.clone();
    Arrays.sort(sorted);
    // The bounds keep at least one sample on each side.
    double limit = Math.max(Math.nextUp(sorted[0]), Math.min(fraction, sorted[sorted.length - 1]));
    int[] second = indicesWhere(places, limit, true);
    int[] first = indicesWhere(places, limit, false);
    return new ImageDataset[] {of(base, first), of(base, second)};
  }

  /** Uniform in [0, 1), from the name and the seed. */
  private static double place(String name, long seed) {
    long hash = 0;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = RandomSource.mix(hash * 31 + b + 1);
    }
    return RandomSource.of(seed, hash).nextDouble();
  }

  private static int[] indicesWhere(double[] places, double limit, boolean below) {
    int[] chosen = new int[places.length];
    int count = 0;
    for (int i = 0; i < places.length; i++) {
      if (places[i] < limit == below) {
        chosen[count++] = i;
      }
    }
    return Arrays.copyOf(chosen, count);
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public int label(int index) {
    int label = base.label(indices[index]);
    return label < 0 ? label : labelMap[label];
  }

  @Override
  public String name(int index) {
    return base.name(indices[index]);
  }

  @Override
  public byte[] read(int index) {
    return base.read(indices[index]);
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public void close() {
    base.close();
  }
}
