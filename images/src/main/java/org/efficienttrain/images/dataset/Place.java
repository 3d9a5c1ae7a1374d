package org.efficienttrain.images.dataset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.Progress;

/**
 * Where a dataset may lie, looked at once for all forms.
 *
 * @param where what the caller named
 * @param path the same as a path
 * @param children of a folder, hidden ones left out, in the order of names; none of a file
 * @param labels whether the images must have labels
 */
record Place(
    String where, Path path, List<Path> children, Datasets.Labels labels, Progress progress) {
  /**
   * Looks at a path.
   *
   * @throws ImageException when there is nothing, or an empty folder
   */
  static Place at(Path path, Datasets.Labels labels, Progress progress) {
    if (!Files.exists(path)) {
      ClassFolders.refuseCircle(path);
      throw new ImageException("there is no dataset at %s: it does not exist".formatted(path));
    }
    boolean folder = Files.isDirectory(path);
    List<Path> children = folder ? ClassFolders.children(path) : List.of();
    if (folder && children.isEmpty()) {
      throw new ImageException("the folder %s is empty".formatted(path));
    }
    return new Place(path.toString(), path, children, labels, progress);
  }

  /** Another place, opened for the same purpose. */
  Place at(Path other) {
    return at(other, labels, progress);
  }

  boolean isFolder() {
    return !children.isEmpty();
  }

  boolean isFile(Predicate<Path> kind) {
    return !isFolder() && kind.test(path);
  }

  /** Whether a child has a name of this kind. */
  boolean holds(Predicate<String> name) {
    return children.stream().anyMatch(child -> name.test(ClassFolders.fileName(child)));
  }

  /** The folder, pack or archive of this name among the children, in any case; or null. */
  Path named(String name) {
    for (Path child : children) {
      String fileName = ClassFolders.fileName(child).toLowerCase(Locale.ROOT);
      boolean isIt =
          Files.isDirectory(child)
              ? fileName.equals(name)
              : List.of(name + "." + PackFormat.EXTENSION, name + ".tar", name + ".tar.gz")
                  .contains(fileName);
      if (isIt) {
        return child;
      }
    }
    return null;
  }

  /** What lies there to judge by, or null. */
  Path validation() {
    return ClassPaths.VALIDATION.stream()
        .map(this::named)
        .filter(path -> path != null)
        .findFirst()
        .orElse(null);
  }
}
