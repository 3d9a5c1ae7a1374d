package org.efficienttrain.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.efficienttrain.training.UserError;

/** Picture files that commands leave. */
final class Pictures {
  private Pictures() {}

  /**
   * Refuses another kind of file.
   *
   * @param option that names the file
   */
  static void requirePng(String option, Path file) {
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
      throw new UserError(option + " must name a .png file, not " + file);
    }
  }

  /** Writes a file, and makes its folder where there is none. */
  static void write(byte[] picture, Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.write(file, picture);
    } catch (IOException e) {
      throw new UserError("cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
