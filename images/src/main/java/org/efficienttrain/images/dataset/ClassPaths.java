package org.efficienttrain.images.dataset;

import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * Reads class and part from the paths of an archive: {@code [root/][train|val/]class/.../file}.
 * Folders that everything lies in are overlooked as long as class and file remain below them.
 */
final class ClassPaths {
  static final String TRAIN = "train";

  /** What people call the part to judge by, in the order of preference. */
  static final List<String> VALIDATION = List.of("val", "valid", "validation", "test");

  /** Parts of a path that are common to all. */
  private final int skipped;

  /** Name of the validation part, or empty when there are no parts. */
  private final String validation;

  private ClassPaths(int skipped, String validation) {
    this.skipped = skipped;
    this.validation = validation;
  }

  /**
   * Where a file belongs.
   *
   * @param part {@code "train"}, {@code "val"}, or empty when there is one part only
   * @param className empty when the file lies in no folder
   */
  record Member(String part, String className, String name) {}

  static ClassPaths of(int count, IntFunction<String> paths) {
    int skipped = commonFolders(count, paths);
    boolean train = false;
    int best = VALIDATION.size();
    for (int i = 0; i < count; i++) {
      String folder = folder(paths.apply(i), skipped).toLowerCase(Locale.ROOT);
      train |= folder.equals(TRAIN);
      int preference = VALIDATION.indexOf(folder);
      best = preference < 0 ? best : Math.min(best, preference);
    }
    boolean parts = train && best < VALIDATION.size();
    return new ClassPaths(skipped, parts ? VALIDATION.get(best) : "");
  }

  /** Where a file belongs, or null when it is in a part that is not used. */
  Member member(String path) {
    String rest = withoutFolders(path, skipped);
    String part = "";
    if (!validation.isEmpty()) {
      String folder = folder(rest, 0).toLowerCase(Locale.ROOT);
      if (!folder.equals(TRAIN) && !folder.equals(validation)) {
        return null;
      }
      part = folder.equals(TRAIN) ? TRAIN : "val";
      rest = withoutFolders(rest, 1);
    }
    return new Member(part, folder(rest, 0), rest);
  }

  private static int commonFolders(int count, IntFunction<String> paths) {
    String first = paths.apply(0);
    int common = depth(first) - 2;
    for (int i = 1; i < count && common > 0; i++) {
      String path = paths.apply(i);
      common = Math.min(common, depth(path) - 2);
      while (common > 0 && !prefix(path, common).equals(prefix(first, common))) {
        common--;
      }
    }
    return Math.max(0, common);
  }

  private static int depth(String path) {
    return (int) path.chars().filter(c -> c == '/').count() + 1;
  }

  private static String prefix(String path, int folders) {
    return path.substring(0, path.length() - withoutFolders(path, folders).length());
  }

  private static String withoutFolders(String path, int folders) {
    int start = 0;
    for (int i = 0; i < folders; i++) {
      int slash = path.indexOf('/', start);
      if (slash < 0) {
        break;
      }
      start = slash + 1;
    }
    return path.substring(start);
  }

  /** The folder at a depth, or empty when the file itself is there. */
  private static String folder(String path, int depth) {
    String rest = withoutFolders(path, depth);
    int slash = rest.indexOf('/');
    return slash < 0 ? "" : rest.substring(0, slash);
  }
}
