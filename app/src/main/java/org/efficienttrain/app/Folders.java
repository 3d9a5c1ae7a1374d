package org.efficienttrain.app;

import java.nio.file.Files;
import java.nio.file.Path;

/** Names for output folders. */
final class Folders {
  private Folders() {}

  /** The first of NAME, NAME-2, NAME-3, ... that does not exist. */
  static Path fresh(Path folder) {
    Path free = folder;
    for (int i = 2; Files.exists(free); i++) {
      free = folder.resolveSibling(folder.getFileName() + "-" + i);
    }
    return free;
  }
}
