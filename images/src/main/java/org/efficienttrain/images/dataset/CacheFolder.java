package org.efficienttrain.images.dataset;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import org.efficienttrain.images.ImageException;

/**
 * Where things are kept that can be made again: {@code $ET_CACHE}, else {@code
 * $XDG_CACHE_HOME/efficienttrain}, else {@code ~/.cache/efficienttrain}. The system property {@code
 * efficienttrain.cache} goes before all of them.
 */
public final class CacheFolder {
  private CacheFolder() {}

  /** The folder; it may not exist yet. */
  public static Path path() {
    String property = System.getProperty("efficienttrain.cache", "");
    if (!property.isEmpty()) {
      return Path.of(property);
    }
    String own = environment("ET_CACHE");
    if (!own.isEmpty()) {
      return Path.of(own);
    }
    String shared = environment("XDG_CACHE_HOME");
    Path home =
        shared.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(shared);
    return home.resolve("efficienttrain");
  }

  private static String environment(String name) {
    String value = System.getenv(name);
    return value == null ? "" : value.strip();
  }

  /** Creates a file at a path where there is none yet. */
  interface Writer {
    void writeTo(Path temporary) throws IOException;
  }

  /**
   * Makes a file so that it is there whole or not at all, also when several processes make it at
   * once: it is written aside and renamed.
   */
  static void writeAtomically(Path target, Writer writer) {
    Path folder = target.toAbsolutePath().getParent();
    String unique = Long.toHexString(new SecureRandom().nextLong());
    Path temporary =
        folder.resolve("." + ClassFolders.fileName(target) + "-" + unique + ".partial");
    try {
      Files.createDirectories(folder);
      writer.writeTo(temporary);
      move(temporary, target);
    } catch (IOException e) {
      throw new ImageException("cannot write %s: %s".formatted(target, reason(e)), e);
    } finally {
      deleteQuietly(temporary);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void deleteQuietly(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // Left behind; the error that matters is on its way already.
    }
  }

  /** The message of an error without the path that the JDK puts before it, or its name. */
  static String reason(IOException error) {
    if (error instanceof NoSuchFileException) {
      return "it does not exist";
    }
    if (error instanceof AccessDeniedException) {
      return "access denied";
    }
    if (error instanceof java.nio.file.FileSystemException file && file.getReason() != null) {
      return file.getReason();
    }
    return error.getMessage() == null || error instanceof java.nio.file.FileSystemException
        ? error.getClass().getSimpleName()
        : error.getMessage();
  }
}
