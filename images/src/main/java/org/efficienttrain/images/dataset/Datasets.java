package org.efficienttrain.images.dataset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.Progress;

/**
 * Opens a dataset of any form by looking at what is there:
 *
 * <ul>
 *   <li>a folder of class folders, or one with {@code train} and {@code val} (or {@code valid},
 *       {@code validation}, {@code test}) folders of any of these forms
 *   <li>packed datasets ({@code .etpack})
 *   <li>{@code quickstart:}, the embedded set
 * </ul>
 */
public final class Datasets {
  private static final String TRAIN = "train";

  /** What people call the part to judge by, in the order of preference. */
  private static final List<String> VALIDATION = List.of("val", "valid", "validation", "test");

  private Datasets() {}

  /**
   * A part of a dataset.
   *
   * @param name {@code "train"} or {@code "val"}, or empty when there is one part only
   */
  public record Part(String name, ImageDataset dataset) {}

  /**
   * Training and validation images. Parts that lie there are used; a single part is divided by a
   * hash of the names, see {@link SubsetDataset#split}.
   *
   * @param where a path, or {@code "quickstart:"}
   * @param validationFraction share of a single part that is held back, in (0, 1)
   * @param seed of the hash
   * @throws ImageException when there is no such dataset or it is broken, in one sentence
   */
  public static DatasetSplits openSplits(
      String where, double validationFraction, long seed, Progress progress) {
    List<Part> parts = open(where, progress);
    ImageDataset first = parts.get(0).dataset();
    if (parts.size() == 1) {
      ImageDataset[] split = SubsetDataset.split(first, validationFraction, seed);
      return new DatasetSplits(
          split[0],
          split[1],
          "%s, divided by a hash of the names into %d training and %d validation images"
              .formatted(where, split[0].size(), split[1].size()));
    }
    ImageDataset second =
        SubsetDataset.relabelled(
            parts.get(1).dataset(), first.classes(), "the validation part of " + where);
    return new DatasetSplits(
        first,
        second,
        "%s, %d training and %d validation images".formatted(where, first.size(), second.size()));
  }

  /** The parts of a dataset as they lie there: one, or training and validation. */
  public static List<Part> open(String where, Progress progress) {
    if (where.equals(QuickstartSet.NAME)) {
      DatasetSplits splits = QuickstartSet.open(progress);
      return parts(splits.train(), splits.validation());
    }
    Path path = Path.of(where);
    if (!Files.exists(path)) {
      throw new ImageException("there is no dataset at %s: it does not exist".formatted(where));
    }
    return Files.isDirectory(path) ? openFolder(path, progress) : openFile(path);
  }

  private static List<Part> parts(ImageDataset train, ImageDataset validation) {
    return List.of(new Part(TRAIN, train), new Part("val", validation));
  }

  private static List<Part> single(ImageDataset dataset) {
    return List.of(new Part("", dataset));
  }

  private static List<Part> openFile(Path file) {
    if (ImageFiles.extension(file.toString()).equals(PackFormat.EXTENSION)) {
      return single(PackedDataset.open(file));
    }
    throw new ImageException(
        "%s is not a dataset: expected a folder of class folders or a .%s file"
            .formatted(file, PackFormat.EXTENSION));
  }

  private static List<Part> openFolder(Path folder, Progress progress) {
    List<Path> children = ClassFolders.children(folder);
    if (children.isEmpty()) {
      throw new ImageException("the folder %s is empty".formatted(folder));
    }
    Path train = named(children, TRAIN);
    if (train != null) {
      Path validation = validationBeside(children);
      ImageDataset trainPart = onlyPart(train, progress);
      return validation == null
          ? single(trainPart)
          : parts(trainPart, onlyPart(validation, progress));
    }
    List<Path> packs = withExtension(children, PackFormat.EXTENSION);
    if (packs.size() == 1) {
      return openFile(packs.get(0));
    }
    return single(ClassFolders.open(folder));
  }

  private static ImageDataset onlyPart(Path path, Progress progress) {
    List<Part> parts = open(path.toString(), progress);
    if (parts.size() > 1) {
      throw new ImageException(
          "%s has a training and a validation part of its own: name the folder itself"
              .formatted(path));
    }
    return parts.get(0).dataset();
  }

  private static Path validationBeside(List<Path> children) {
    for (String name : VALIDATION) {
      Path child = named(children, name);
      if (child != null) {
        return child;
      }
    }
    return null;
  }

  /** The folder or packed file of this name, in upper or lower case, with or without extension. */
  private static Path named(List<Path> children, String name) {
    for (Path child : children) {
      String fileName = ClassFolders.fileName(child).toLowerCase(Locale.ROOT);
      if (fileName.equals(name)
          ? Files.isDirectory(child)
          : fileName.equals(name + "." + PackFormat.EXTENSION)) {
        return child;
      }
    }
    return null;
  }

  private static List<Path> withExtension(List<Path> children, String extension) {
    List<Path> result = new ArrayList<>();
    for (Path child : children) {
      if (ImageFiles.extension(child.toString()).equals(extension)) {
        result.add(child);
      }
    }
    return result;
  }
}
