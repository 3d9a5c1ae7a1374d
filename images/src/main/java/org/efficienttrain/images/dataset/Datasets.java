package org.efficienttrain.images.dataset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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
 *
 * <p>Each is a {@link Form} in {@link #FORMS}. Where labels are not needed ({@link
 * Labels#OPTIONAL}), a folder tree or an archive may hold images in any order.
 */
public final class Datasets {
  /** All forms, in the order in which they are tried; the last takes any folder. */
  static final List<Form> FORMS =
      List.of(
          new QuickstartForm(),
          new ImageNetArchives(),
          new IdxDataset(),
          new CifarDataset(),
          new TrainingAndValidation(),
          new PackedFile(),
          new TarArchives(),
          new NestedFolder(),
          new ClassFolders());

  private Datasets() {}

  /**
   * A part of a dataset.
   *
   * @param name {@code "train"} or {@code "val"}, or empty when there is one part only
   */
  public record Part(String name, ImageDataset dataset) {}

  /** Whether every image must have a label. */
  public enum Labels {
    /** For training and evaluation: images without a label are an error. */
    REQUIRED,
    /**
     * For pre-training: where there are labels they are read; otherwise the dataset has no classes
     * and every label is -1.
     */
    OPTIONAL
  }

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
    return openSplits(where, Labels.REQUIRED, validationFraction, seed, progress);
  }

  /**
   * As above. With {@link Labels#OPTIONAL}, both parts have no classes where one has none, or where
   * the classes of the second are not among those of the first.
   */
  public static DatasetSplits openSplits(
      String where, Labels labels, double validationFraction, long seed, Progress progress) {
    List<Part> parts = open(where, labels, progress);
    ImageDataset first = parts.get(0).dataset();
    if (parts.size() == 1) {
      ImageDataset[] split = SubsetDataset.split(first, validationFraction, seed);
      return new DatasetSplits(
          split[0],
          split[1],
          "%s, divided by a hash of the names into %d training and %d validation images"
              .formatted(where, split[0].size(), split[1].size()));
    }
    ImageDataset second = parts.get(1).dataset();
    boolean sameClasses =
        first.classes().containsAll(second.classes())
            && first.classes().isEmpty() == second.classes().isEmpty();
    if (labels == Labels.OPTIONAL && !sameClasses) {
      first = SubsetDataset.unlabelled(first);
      second = SubsetDataset.unlabelled(second);
    }
    return new DatasetSplits(
        first,
        SubsetDataset.relabelled(second, first.classes(), "the validation part of " + where),
        "%s, %d training and %d validation images".formatted(where, first.size(), second.size()));
  }

  /** The parts of a dataset as they lie there: one, or training and validation. */
  public static List<Part> open(String where, Progress progress) {
    return open(where, Labels.REQUIRED, progress);
  }

  /** The parts of a dataset as they lie there, with labels or, where that is allowed, without. */
  public static List<Part> open(String where, Labels labels, Progress progress) {
    return open(
        where.equals(QuickstartSet.NAME)
            ? new Place(where, Path.of(""), List.of(), labels, progress)
            : Place.at(Path.of(where), labels, progress));
  }

  static List<Part> open(Place place) {
    for (Form form : FORMS) {
      if (form.recognises(place)) {
        return form.open(place);
      }
    }
    throw new ImageException(
        "%s is not a dataset: expected a folder of class folders, a .tar or .tar.gz archive, or a .%s file"
            .formatted(place.where(), PackFormat.EXTENSION));
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

  /**
   * The image files below a folder at any depth, in the order of their names. Hidden files and
   * folders are overlooked, and so are files that are not images by their extension.
   *
   * @throws ImageException if a folder cannot be read
   */
  public static List<Path> imagesBelow(Path folder) {
    List<Path> files = new ArrayList<>();
    ClassFolders.collect(folder, files, new ArrayDeque<>());
    return files;
  }

  /**
   * The same samples under the labels that other classes give them, matched by class name.
   *
   * @param where the dataset, for messages
   * @throws ImageException if it has a class that is not among them
   */
  public static ImageDataset relabelled(ImageDataset dataset, List<String> classes, String where) {
    return SubsetDataset.relabelled(dataset, classes, where);
  }

  static List<Part> parts(ImageDataset train, ImageDataset validation) {
    return List.of(new Part(ClassPaths.TRAIN, train), new Part("val", validation));
  }

  static List<Part> single(ImageDataset dataset) {
    return List.of(new Part("", dataset));
  }

  /** The only part of what lies there. */
  static ImageDataset only(Place place) {
    return only(open(place), place);
  }

  static ImageDataset only(List<Part> parts, Place place) {
    if (parts.size() > 1) {
      throw new ImageException(
          "%s has a training and a validation part of its own: name the folder itself"
              .formatted(place.where()));
    }
    return parts.get(0).dataset();
  }

  /** The set that is painted rather than stored. */
  private static final class QuickstartForm implements Form {
    @Override
    public String title() {
      return "the embedded set";
    }

    @Override
    public boolean recognises(Place place) {
      return place.where().equals(QuickstartSet.NAME);
    }

    @Override
    public List<Part> open(Place place) {
      DatasetSplits splits = QuickstartSet.open(place.progress());
      return parts(splits.train(), splits.validation());
    }
  }

  /** A pack, or a folder with one. */
  private static final class PackedFile implements Form {
    @Override
    public String title() {
      return "packed";
    }

    private static boolean isPack(Path file) {
      return ImageFiles.extension(file.toString()).equals(PackFormat.EXTENSION);
    }

    @Override
    public boolean recognises(Place place) {
      return place.isFile(PackedFile::isPack)
          || place.children().stream().filter(PackedFile::isPack).count() == 1;
    }

    @Override
    public List<Part> open(Place place) {
      Path pack =
          place.children().stream().filter(PackedFile::isPack).findFirst().orElse(place.path());
      return single(PackedDataset.open(pack));
    }
  }
}
