package org.efficienttrain.images.dataset;

import java.io.File;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;

/**
 * A folder with one folder per class, and images at any depth below it. Classes and files are in
 * the order of their names (by UTF-16 code unit). Hidden files and folders are overlooked, and so
 * are files that are not images by their extension. Symbolic links are followed.
 *
 * <p>Without labels, images may lie anywhere below the folder.
 */
final class ClassFolders implements Form {
  @Override
  public String title() {
    return "class folders";
  }

  @Override
  public boolean recognises(Place place) {
    return place.isFolder();
  }

  @Override
  public List<Datasets.Part> open(Place place) {
    List<Path> folders = place.children().stream().filter(Files::isDirectory).toList();
    boolean loose = hasLooseImages(place);
    if (place.labels() == Datasets.Labels.OPTIONAL) {
      boolean classes = !loose && folders.size() > 1 && folders.stream().noneMatch(this::isPart);
      return Datasets.single(classes ? classes(place, folders) : tree(place));
    }
    if (folders.isEmpty()) {
      throw new ImageException(
          loose
              ? "%s holds images without labels: put the images of each class into a folder of its own, or learn from them as they are with ./et pretrain"
                  .formatted(place.where())
              : "%s holds no class folders with images".formatted(place.where()));
    }
    if (folders.stream().allMatch(this::isPart)) {
      throw new ImageException(
          "%s holds %s, a part of a dataset rather than a class: name %s itself"
              .formatted(place.where(), names(folders), folders.get(0)));
    }
    return Datasets.single(classes(place, folders));
  }

  private static String names(List<Path> folders) {
    return folders.stream().map(ClassFolders::fileName).collect(Collectors.joining(" and "));
  }

  /** Whether a folder is called as parts are, for example {@code test}. */
  private boolean isPart(Path folder) {
    return ClassPaths.VALIDATION.contains(fileName(folder).toLowerCase(Locale.ROOT));
  }

  private static boolean hasLooseImages(Place place) {
    boolean loose = false;
    for (Path child : place.children()) {
      if (!Files.isDirectory(child)) {
        refuseCircle(child);
        loose |= ImageFiles.isImage(fileName(child));
      }
    }
    return loose;
  }

  /** A class for each folder; where labels are not needed, a folder without images is no class. */
  private static ImageDataset classes(Place place, List<Path> folders) {
    Path root = place.path();
    SampleTable.Builder samples = new SampleTable.Builder();
    List<String> classes = new ArrayList<>();
    for (Path folder : folders) {
      int before = samples.size();
      scan(folder, fileName(folder), classes.size(), samples, above(root));
      if (samples.size() == before && place.labels() == Datasets.Labels.OPTIONAL) {
        return tree(place);
      }
      if (samples.size() == before) {
        throw new ImageException(
            "the class folder %s holds no images: add some, or remove it".formatted(folder));
      }
      classes.add(fileName(folder));
    }
    return dataset(root, samples.build(classes, root.toString()));
  }

  /** Images at any depth, without labels. */
  private static ImageDataset tree(Place place) {
    SampleTable.Builder samples = new SampleTable.Builder();
    scan(place.path(), "", SampleTable.UNLABELLED, samples, new ArrayDeque<>());
    return dataset(place.path(), samples.build(List.of(), place.where()));
  }

  private static ImageDataset dataset(Path root, SampleTable table) {
    return new IndexedDataset(
        table, (samples, index) -> Files.readAllBytes(root.resolve(samples.name(index))));
  }

  private static Deque<Path> above(Path root) {
    return new ArrayDeque<>(List.of(realPath(root)));
  }

  private static void scan(
      Path folder, String name, int label, SampleTable.Builder samples, Deque<Path> above) {
    walk(
        folder,
        above,
        (file, attributes) -> {
          String below = folder.relativize(file).toString().replace(File.separatorChar, '/');
          String full = name.isEmpty() ? below : name + "/" + below;
          samples.add(full, label, 0, 0, attributes.size());
        });
  }

  /** Adds the image files at any depth below a folder, whatever the folders mean. */
  static void collect(Path folder, List<Path> files, Deque<Path> above) {
    walk(folder, above, (file, attributes) -> files.add(file));
  }

  /** Shows the image files at any depth below a folder, in the order of their names. */
  private static void walk(
      Path folder, Deque<Path> above, BiConsumer<Path, BasicFileAttributes> visitor) {
    Path real = realPath(folder);
    if (above.contains(real)) {
      throw new ImageException(
          "the symbolic link %s leads back to a folder above it: remove it".formatted(folder));
    }
    above.push(real);
    for (Path child : children(folder)) {
      BasicFileAttributes attributes = attributes(child);
      if (attributes.isDirectory()) {
        walk(child, above, visitor);
      } else if (ImageFiles.isImage(fileName(child))) {
        visitor.accept(child, attributes);
      }
    }
    above.pop();
  }

  /** What is in a folder, hidden files left out, in the order of names. */
  static List<Path> children(Path folder) {
    try (Stream<Path> stream = Files.list(folder)) {
      return stream
          .filter(path -> !ImageFiles.isHidden(fileName(path)))
          .sorted((a, b) -> fileName(a).compareTo(fileName(b)))
          .toList();
    } catch (IOException e) {
      throw cannotRead(folder, e);
    }
  }

  private static BasicFileAttributes attributes(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class);
    } catch (IOException e) {
      refuseCircle(path);
      // A dangling link: if it is named like an image it will be counted as broken.
      try {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      } catch (IOException second) {
        throw cannotRead(path, second);
      }
    }
  }

  /** Throws when this is a symbolic link that leads to itself, at once or over others. */
  static void refuseCircle(Path path) {
    if (!Files.isSymbolicLink(path)) {
      return;
    }
    try {
      path.getFileSystem().provider().checkAccess(path);
    } catch (NoSuchFileException | AccessDeniedException e) {
      // Not a circle: reading what it should lead to says what is wrong.
    } catch (IOException e) {
      throw new ImageException(
          "the symbolic link %s leads in a circle: remove it".formatted(path), e);
    }
  }

  private static Path realPath(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw cannotRead(path, e);
    }
  }

  static ImageException cannotRead(Path path, IOException error) {
    String why = error instanceof NoSuchFileException ? "it does not exist" : error.getMessage();
    return new ImageException("cannot read %s: %s".formatted(path, why), error);
  }

  static String fileName(Path path) {
    return path.getFileName() == null ? path.toString() : path.getFileName().toString();
  }
}
