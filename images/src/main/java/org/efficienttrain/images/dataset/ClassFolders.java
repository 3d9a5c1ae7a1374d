package org.efficienttrain.images.dataset;

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
import java.util.stream.Stream;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;

/**
 * A folder with one folder per class, and images at any depth below it. Classes and files are in
 * the order of their names (by UTF-16 code unit). Hidden files and folders are overlooked, and so
 * are files that are not images by their extension. Symbolic links are followed.
 */
final class ClassFolders {
  private ClassFolders() {}

  /** Opens a folder whose subfolders are classes. */
  static ImageDataset open(Path root) {
    List<String> classes = new ArrayList<>();
    SampleTable.Builder samples = new SampleTable.Builder();
    boolean looseImages = false;
    for (Path child : children(root)) {
      if (!Files.isDirectory(child)) {
        refuseCircle(child);
        looseImages |= ImageFiles.isImage(fileName(child));
        continue;
      }
      int before = samples.size();
      scan(
          child,
          fileName(child),
          classes.size(),
          samples,
          new ArrayDeque<>(List.of(realPath(root))));
      if (samples.size() == before) {
        throw new ImageException(
            "the class folder %s holds no images: add some, or remove it".formatted(child));
      }
      classes.add(fileName(child));
    }
    if (classes.isEmpty()) {
      throw new ImageException(
          looseImages
              ? "%s holds images but no class folders: put the images of each class into a folder of its own"
                  .formatted(root)
              : "%s holds no class folders with images".formatted(root));
    }
    return new IndexedDataset(
        samples.build(classes, root.toString()),
        (table, index) -> Files.readAllBytes(root.resolve(table.name(index))));
  }

  private static void scan(
      Path folder, String name, int label, SampleTable.Builder samples, Deque<Path> above) {
    Path real = realPath(folder);
    if (above.contains(real)) {
      throw new ImageException(
          "the symbolic link %s leads back to a folder above it: remove it".formatted(folder));
    }
    above.push(real);
    for (Path child : children(folder)) {
      String childName = name + "/" + fileName(child);
      BasicFileAttributes attributes = attributes(child);
      if (attributes.isDirectory()) {
        scan(child, childName, label, samples, above);
      } else if (ImageFiles.isImage(childName)) {
        samples.add(childName, label, 0, 0, attributes.size());
      }
    }
    above.pop();
  }

  /** Adds the image files at any depth below a folder, whatever the folders mean. */
  static void collect(Path folder, List<Path> files, Deque<Path> above) {
    Path real = realPath(folder);
    if (above.contains(real)) {
      throw new ImageException(
          "the symbolic link %s leads back to a folder above it: remove it".formatted(folder));
    }
    above.push(real);
    for (Path child : children(folder)) {
      if (Files.isDirectory(child)) {
        collect(child, files, above);
      } else if (ImageFiles.isImage(fileName(child))) {
        files.add(child);
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
