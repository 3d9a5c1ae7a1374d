package org.efficienttrain.images.dataset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.Progress;

/**
 * Opens a dataset of any form by looking at what is there:
 *
 * <ul>
 *   <li>a folder of class folders, or one with {@code train} and {@code val} (or {@code valid},
 *       {@code validation}, {@code test}) folders of any of these forms
 *   <li>tar archives, plain or compressed: WebDataset shards, class folders, archives of archives;
 *       one, or a folder of them
 *   <li>the archives of ILSVRC 2012 as downloaded, in one folder
 *   <li>CIFAR-10 and CIFAR-100 in their binary version, unpacked or not
 *   <li>MNIST and Fashion-MNIST as unpacked IDX files
 *   <li>packed datasets ({@code .etpack})
 *   <li>{@code quickstart:}, the embedded set
 * </ul>
 */
public final class Datasets {
  private static final String TRAIN = ClassPaths.TRAIN;

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
      ClassFolders.refuseCircle(path);
      throw new ImageException("there is no dataset at %s: it does not exist".formatted(where));
    }
    return Files.isDirectory(path) ? openFolder(path, progress) : openFile(path, progress);
  }

  /**
   * Image files as a dataset without labels, for a prediction. Each is read when it is asked for: a
   * missing one is a broken image like any other. Load them with {@code
   * LoaderSettings.forEvaluation().withMaxBrokenFraction(1)}, which leaves the broken ones out; the
   * loader's {@code brokenFiles()} then says of each what is wrong.
   *
   * @param files at least one; the names of the samples are these paths as given
   */
  public static ImageDataset files(List<Path> files) {
    SampleTable.Builder samples = new SampleTable.Builder();
    for (Path file : files) {
      samples.add(file.toString(), SampleTable.UNLABELLED, 0, 0, file.toFile().length());
    }
    return new IndexedDataset(
        samples.build(List.of(), "the list of files"),
        (table, index) -> Files.readAllBytes(files.get(index)));
  }

  private static List<Part> parts(ImageDataset train, ImageDataset validation) {
    return List.of(new Part(TRAIN, train), new Part("val", validation));
  }

  private static List<Part> single(ImageDataset dataset) {
    return List.of(new Part("", dataset));
  }

  private static List<Part> openFile(Path file, Progress progress) {
    if (ImageFiles.extension(file.toString()).equals(PackFormat.EXTENSION)) {
      return single(PackedDataset.open(file));
    }
    if (isArchive(file)) {
      Path tar = Unpacked.plain(file, progress);
      List<Part> cifar = CifarDataset.openArchive(tar);
      return cifar.isEmpty() ? openArchives(List.of(tar), progress) : cifar;
    }
    throw new ImageException(
        "%s is not a dataset: expected a folder of class folders, a .tar or .tar.gz archive, or a .%s file"
            .formatted(file, PackFormat.EXTENSION));
  }

  private static boolean isArchive(Path file) {
    return ImageFiles.extension(file.toString()).equals("tar") || Unpacked.isCompressed(file);
  }

  private static List<Part> openArchives(List<Path> tars, Progress progress) {
    List<Part> parts = new ArrayList<>();
    TarDataset.tables(tars, progress)
        .forEach(
            (name, table) ->
                parts.add(new Part(name, new IndexedDataset(table, TarDataset.store(tars)))));
    return parts;
  }

  private static List<Part> openFolder(Path folder, Progress progress) {
    List<Path> children = ClassFolders.children(folder);
    if (children.isEmpty()) {
      throw new ImageException("the folder %s is empty".formatted(folder));
    }
    if (ImageNetArchives.isHere(folder)) {
      return ImageNetArchives.open(folder, progress);
    }
    if (IdxDataset.isHere(folder)) {
      return IdxDataset.open(folder);
    }
    if (children.stream().anyMatch(child -> CifarDataset.isCifar(ClassFolders.fileName(child)))) {
      return CifarDataset.openFolder(folder);
    }
    Path train = named(children, TRAIN);
    if (train != null) {
      Path validation = validationBeside(children);
      ImageDataset trainPart = onlyPart(train, progress);
      return validation == null
          ? single(trainPart)
          : parts(trainPart, onlyPart(validation, progress));
    }
    if (children.stream()
        .anyMatch(child -> ClassFolders.fileName(child).startsWith("data_batch_"))) {
      throw new ImageException(
          "%s holds the Python version of CIFAR: download the binary version instead"
              .formatted(folder));
    }
    List<Path> packs = children.stream().filter(Datasets::isPack).toList();
    if (packs.size() == 1) {
      return openFile(packs.get(0), progress);
    }
    List<Path> tars = children.stream().filter(Datasets::isArchive).toList();
    if (!tars.isEmpty() && children.stream().noneMatch(Files::isDirectory)) {
      return openShards(tars, progress);
    }
    if (children.size() == 1 && isDataset(children.get(0))) {
      return openFolder(children.get(0), progress);
    }
    return single(ClassFolders.open(folder));
  }

  private static boolean isPack(Path file) {
    return ImageFiles.extension(file.toString()).equals(PackFormat.EXTENSION);
  }

  /** Shards are told apart by their names: {@code set-train-0001.tar}, {@code set-val-0001.tar}. */
  private static List<Part> openShards(List<Path> files, Progress progress) {
    List<Path> train = shards(files, TRAIN, progress);
    for (String name : ClassPaths.VALIDATION) {
      List<Path> validation = shards(files, name, progress);
      if (!train.isEmpty() && !validation.isEmpty()) {
        return parts(
            onlyPart(openArchives(train, progress), files.get(0)),
            onlyPart(openArchives(validation, progress), files.get(0)));
      }
    }
    List<Path> all = files.stream().map(file -> Unpacked.plain(file, progress)).toList();
    return openArchives(all, progress);
  }

  private static List<Path> shards(List<Path> files, String part, Progress progress) {
    Pattern word = Pattern.compile("(^|.*[^a-z])" + part + "([^a-z].*|$)");
    return files.stream()
        .filter(
            file -> word.matcher(ClassFolders.fileName(file).toLowerCase(Locale.ROOT)).matches())
        .map(file -> Unpacked.plain(file, progress))
        .toList();
  }

  /** Whether a folder is a dataset by itself and not a class: it has parts or CIFAR's files. */
  private static boolean isDataset(Path folder) {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    List<Path> children = ClassFolders.children(folder);
    return (named(children, TRAIN) != null && validationBeside(children) != null)
        || children.stream().anyMatch(child -> CifarDataset.isCifar(ClassFolders.fileName(child)));
  }

  private static ImageDataset onlyPart(Path path, Progress progress) {
    return onlyPart(open(path.toString(), progress), path);
  }

  private static ImageDataset onlyPart(List<Part> parts, Path path) {
    if (parts.size() > 1) {
      throw new ImageException(
          "%s has a training and a validation part of its own: name the folder itself"
              .formatted(path));
    }
    return parts.get(0).dataset();
  }

  private static Path validationBeside(List<Path> children) {
    for (String name : ClassPaths.VALIDATION) {
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
      boolean isIt = Files.isDirectory(child) ? fileName.equals(name) : isFileNamed(fileName, name);
      if (isIt) {
        return child;
      }
    }
    return null;
  }

  private static boolean isFileNamed(String fileName, String name) {
    return fileName.equals(name + "." + PackFormat.EXTENSION)
        || fileName.equals(name + ".tar")
        || fileName.equals(name + ".tar.gz");
  }
}
