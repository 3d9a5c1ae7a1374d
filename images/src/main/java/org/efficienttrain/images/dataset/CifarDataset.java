package org.efficienttrain.images.dataset;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;

/**
 * CIFAR-10 and CIFAR-100 in their binary version (Krizhevsky, 2009), unpacked or in the archive as
 * downloaded. A record is one label byte, or a coarse and a fine one in CIFAR-100, and three planes
 * of 32 x 32 bytes: red, green, blue. Samples come out as binary PPM files.
 */
final class CifarDataset implements Form {
  private static final int SIDE = 32;
  private static final int PLANE = SIDE * SIDE;
  private static final int PPM_BYTES = Image.ppmHeader(SIDE, SIDE).length + 3 * PLANE;
  private static final int LARGEST_NAMES_FILE = 1 << 16;
  private static final long LARGEST_ARCHIVE = 1 << 28;

  /** The bytes of labels before the pixels, the number of classes, and where their names are. */
  private record Variant(int labelBytes, int classes, String namesFile) {
    int record() {
      return labelBytes + 3 * PLANE;
    }
  }

  private static final Variant CIFAR_10 = new Variant(1, 10, "batches.meta.txt");
  private static final Variant CIFAR_100 = new Variant(2, 100, "fine_label_names.txt");

  /** A file of the dataset: a range of {@code file}, which may be an archive. */
  private record Part(String name, Path file, long offset, long length) {}

  @Override
  public String title() {
    return "CIFAR, binary version";
  }

  @Override
  public boolean recognises(Place place) {
    if (place.holds(name -> name.startsWith("data_batch_") && !isCifar(name))
        && !place.holds(CifarDataset::isCifar)) {
      throw new ImageException(
          "%s holds the Python version of CIFAR: download the binary version instead"
              .formatted(place.where()));
    }
    return place.holds(CifarDataset::isCifar)
        || (place.isFile(TarArchives::isArchive)
            && list(place).stream().anyMatch(part -> isCifar(part.name)));
  }

  @Override
  public List<Datasets.Part> open(Place place) {
    return open(list(place), place.where());
  }

  /** Whether a file of this name is one of CIFAR's binary files. */
  static boolean isCifar(String name) {
    return variant(name) != null;
  }

  private static Variant variant(String name) {
    if (name.matches("data_batch_\\d+\\.bin|test_batch\\.bin")) {
      return CIFAR_10;
    }
    return name.matches("train\\.bin|test\\.bin") ? CIFAR_100 : null;
  }

  /** The files of a folder or of an archive. An archive of another form is too large to be it. */
  private static List<Part> list(Place place) {
    List<Part> parts = new ArrayList<>();
    try {
      for (Path child : place.children()) {
        if (Files.isRegularFile(child)) {
          parts.add(new Part(ClassFolders.fileName(child), child, 0, Files.size(child)));
        }
      }
      if (!place.isFolder()) {
        Path tar = Unpacked.plain(place.path(), place.progress());
        if (Files.size(tar) <= LARGEST_ARCHIVE) {
          TarScanner.scan(
              tar,
              (path, offset, length, content) ->
                  parts.add(
                      new Part(path.substring(path.lastIndexOf('/') + 1), tar, offset, length)));
        }
      }
      return parts;
    } catch (IOException e) {
      throw ClassFolders.cannotRead(place.path(), e);
    }
  }

  private static List<Datasets.Part> open(List<Part> parts, String where) {
    parts.sort(Comparator.comparing(Part::name));
    Map<String, List<Part>> bySplit = new LinkedHashMap<>();
    bySplit.put("train", new ArrayList<>());
    bySplit.put("val", new ArrayList<>());
    Variant variant = null;
    for (Part part : parts) {
      Variant of = variant(part.name);
      if (of != null) {
        variant = of;
        bySplit.get(part.name.startsWith("test") ? "val" : "train").add(part);
      }
    }
    List<String> classes = classNames(parts, variant, where);
    List<ImageDataset> result = new ArrayList<>();
    for (List<Part> split : bySplit.values()) {
      if (!split.isEmpty()) {
        result.add(dataset(split, variant, classes, where));
      }
    }
    return result.size() == 1
        ? Datasets.single(result.get(0))
        : Datasets.parts(result.get(0), result.get(1));
  }

  private static List<String> classNames(List<Part> parts, Variant variant, String where) {
    for (Part part : parts) {
      if (part.name.equals(variant.namesFile) && part.length <= LARGEST_NAMES_FILE) {
        String text = new String(read(part, 0, (int) part.length), StandardCharsets.UTF_8);
        List<String> names = text.lines().map(String::strip).filter(s -> !s.isEmpty()).toList();
        if (names.size() != variant.classes) {
          throw new ImageException(
              "%s: %s lists %d classes instead of %d"
                  .formatted(where, part.name, names.size(), variant.classes));
        }
        return names;
      }
    }
    return IntStream.range(0, variant.classes).mapToObj(String::valueOf).toList();
  }

  private static IndexedDataset dataset(
      List<Part> parts, Variant variant, List<String> classes, String where) {
    SampleTable.Builder samples = new SampleTable.Builder();
    for (int p = 0; p < parts.size(); p++) {
      Part part = parts.get(p);
      if (part.length == 0 || part.length % variant.record() != 0) {
        throw new ImageException(
            "%s: %s has %d bytes, not a multiple of %d: it is incomplete"
                .formatted(where, part.name, part.length, variant.record()));
      }
      byte[] bytes = read(part, 0, Math.toIntExact(part.length));
      for (int at = 0; at < bytes.length; at += variant.record()) {
        int label = bytes[at + variant.labelBytes - 1] & 0xFF;
        String name = "%s/%05d".formatted(part.name, at / variant.record());
        if (label >= variant.classes) {
          throw new ImageException(
              "%s: the image %s has the label %d, outside 0..%d"
                  .formatted(where, name, label, variant.classes - 1));
        }
        samples.add(name, label, p, part.offset + at + variant.labelBytes, PPM_BYTES);
      }
    }
    return new IndexedDataset(
        samples.build(classes, where),
        RawPixels.of(parts.stream().map(Part::file).toList(), SIDE, SIDE, Image.CHANNELS));
  }

  private static byte[] read(Part part, long offset, int length) {
    try {
      return readAt(part.file, part.offset + offset, length);
    } catch (IOException e) {
      throw ClassFolders.cannotRead(part.file, e);
    }
  }

  private static byte[] readAt(Path file, long offset, int length) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return TarScanner.readRange(channel, offset, length);
    }
  }
}
