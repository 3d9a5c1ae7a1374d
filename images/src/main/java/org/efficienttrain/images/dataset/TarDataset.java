package org.efficienttrain.images.dataset;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.Progress;

/**
 * Images in tar archives, read in place: WebDataset shards, archives of class folders, archives of
 * class archives ({@code ILSVRC2012_img_train.tar}, {@code winter21_whole.tar}), or one archive per
 * class. The list of what lies where is made once and kept in the cache folder.
 *
 * <p>Samples are in the order of the archives, classes in the order of their names (of their
 * numbers, where shards give numbers).
 */
final class TarDataset {
  private TarDataset() {}

  /** The tables of the parts that lie in the archives, by name of the part. */
  static Map<String, SampleTable> tables(
      List<Path> tars, Datasets.Labels labels, Progress progress) {
    boolean optional = labels == Datasets.Labels.OPTIONAL;
    return TableCache.get(
        optional ? "tar, labels optional" : "tar",
        tars,
        () -> {
          Found found = scan(tars, progress);
          return optional && !isLabelled(found, tars.size())
              ? Map.of("", unlabelled(found.images, describe(tars)))
              : divide(tars, found);
        });
  }

  /** Whether every image has a label beside it, or lies in a class folder or archive. */
  private static boolean isLabelled(Found found, int archives) {
    SampleTable.Builder images = found.images;
    if (images.size() == 0) {
      return false;
    }
    ClassPaths paths = ClassPaths.of(images.size(), images::name);
    for (int i = 0; i < images.size(); i++) {
      ClassPaths.Member member = paths.member(images.name(i));
      boolean inClass = member == null || archives > 1 || !member.className().isEmpty();
      boolean here = found.labelled ? images.label(i) >= 0 : inClass;
      if (!here) {
        return false;
      }
    }
    return true;
  }

  private static SampleTable unlabelled(SampleTable.Builder images, String where) {
    for (int i = 0; i < images.size(); i++) {
      images.setLabel(i, SampleTable.UNLABELLED);
    }
    return images.build(List.of(), where);
  }

  /** Reads ranges of the archives; each read opens its file, so that nothing needs closing. */
  static SampleStore store(List<Path> tars) {
    return (table, index) -> {
      Path tar = tars.get(table.source(index));
      try (FileChannel channel = FileChannel.open(tar, StandardOpenOption.READ)) {
        return TarScanner.readRange(channel, table.offset(index), table.length(index));
      }
    };
  }

  /** What was found: images, with the label that lay beside them or -1. */
  private record Found(SampleTable.Builder images, boolean labelled) {}

  private static Found scan(List<Path> tars, Progress progress) {
    SampleTable.Builder images = new SampleTable.Builder();
    boolean anyLabel = false;
    for (int t = 0; t < tars.size(); t++) {
      int source = t;
      int first = images.size();
      String archive = tars.get(t).toString();
      TarLabels labels = new TarLabels();
      TarScanner.scan(
          tars.get(t),
          (path, offset, length, content) -> {
            if (ImageFiles.isImage(path)) {
              images.add(path, -1, source, offset, length);
            } else {
              labels.visit(archive, path, content);
            }
          });
      for (int i = first; i < images.size() && !labels.isEmpty(); i++) {
        Integer label = labels.of(images.name(i));
        images.setLabel(i, label == null ? -1 : label);
      }
      anyLabel |= !labels.isEmpty();
      progress.update("listing archives", t + 1L, tars.size());
    }
    return new Found(images, anyLabel);
  }

  private static Map<String, SampleTable> divide(List<Path> tars, Found found) {
    SampleTable.Builder images = found.images;
    String where = describe(tars);
    if (images.size() == 0) {
      throw new ImageException(where + " holds no images");
    }
    if (found.labelled) {
      return numbered(images, where);
    }
    return byFolder(tars, images, where);
  }

  /** Labels that lay beside the images; the classes are called by their numbers. */
  private static Map<String, SampleTable> numbered(SampleTable.Builder images, String where) {
    int largest = 0;
    for (int i = 0; i < images.size(); i++) {
      if (images.label(i) < 0) {
        throw new ImageException(
            "%s: the image %s has no label (.cls or .json) beside it, but others have"
                .formatted(where, images.name(i)));
      }
      largest = Math.max(largest, images.label(i));
    }
    List<String> classes = IntStream.rangeClosed(0, largest).mapToObj(String::valueOf).toList();
    return Map.of("", images.build(classes, where));
  }

  private static Map<String, SampleTable> byFolder(
      List<Path> tars, SampleTable.Builder images, String where) {
    ClassPaths paths = ClassPaths.of(images.size(), images::name);
    Map<String, TreeSet<String>> classes = new TreeMap<>();
    for (int i = 0; i < images.size(); i++) {
      ClassPaths.Member member = paths.member(images.name(i));
      if (member != null) {
        classes
            .computeIfAbsent(member.part(), part -> new TreeSet<>())
            .add(className(member, tars, images.source(i)));
      }
    }
    Map<String, SampleTable> tables = new TreeMap<>();
    classes.forEach(
        (part, names) -> {
          Map<String, Integer> labels = new HashMap<>();
          names.forEach(name -> labels.put(name, labels.size()));
          SampleTable.Builder samples = new SampleTable.Builder();
          for (int i = 0; i < images.size(); i++) {
            ClassPaths.Member member = paths.member(images.name(i));
            if (member != null && member.part().equals(part)) {
              int label = labels.get(className(member, tars, images.source(i)));
              samples.add(
                  member.name(), label, images.source(i), images.offset(i), images.length(i));
            }
          }
          tables.put(part, samples.build(List.copyOf(names), where));
        });
    return tables;
  }

  /** The folder in the archive; where there are none, each archive is a class. */
  private static String className(ClassPaths.Member member, List<Path> tars, int source) {
    if (!member.className().isEmpty()) {
      return member.className();
    }
    if (tars.size() == 1) {
      throw new ImageException(
          "%s holds the image %s in no class folder and with no label beside it: add labels, or learn from the images as they are with ./et pretrain"
              .formatted(tars.get(0), member.name()));
    }
    String name = ClassFolders.fileName(tars.get(source));
    return name.substring(0, name.lastIndexOf('.'));
  }

  private static String describe(List<Path> tars) {
    return tars.size() == 1
        ? tars.get(0).toString()
        : "%s and %d more archives".formatted(tars.get(0), tars.size() - 1);
  }
}
