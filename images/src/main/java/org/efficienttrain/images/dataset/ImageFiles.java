package org.efficienttrain.images.dataset;

import java.util.Locale;
import java.util.Set;

/** What counts as an image, by its name. */
final class ImageFiles {
  private static final Set<String> EXTENSIONS =
      Set.of("jpg", "jpeg", "jpe", "png", "webp", "bmp", "tif", "tiff", "gif", "ppm", "pgm", "pnm");

  /** Folders that packing programs add and nobody means. */
  private static final String MAC_RESOURCES = "__MACOSX";

  private ImageFiles() {}

  static boolean isImage(String name) {
    return EXTENSIONS.contains(extension(name));
  }

  /** The part behind the last dot, in lower case; empty without a dot. */
  static String extension(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
  }

  /** Whether a file or folder of this name is to be overlooked. */
  static boolean isHidden(String name) {
    return name.startsWith(".") || name.equals(MAC_RESOURCES);
  }
}
