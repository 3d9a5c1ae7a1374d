package org.efficienttrain.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.efficienttrain.tensor.TensorException;

/**
 * Replaces a file as a whole: the new content is written beside it, forced to the disk, and
 * renamed. Whoever reads the path, even after a crash at any instant, sees the old content or the
 * new.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    /** Writes to the channel, which stands at the start of an empty file. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /** Makes a file. */
  @FunctionalInterface
  public interface PathWriter {
    /** Makes the file {@code path}, which does not exist. */
    void write(Path path) throws IOException;
  }

  /**
   * Writes a file.
   *
   * @param path the file to make or replace; its folder must exist
   * @param content writes the bytes; if it fails, {@code path} stays as it was
   * @throws TensorException if the disk is full, the folder is missing or not writable
   */
  public static void write(Path path, Content content) {
    writeBy(
        path,
        aside -> {
          try (FileChannel channel =
              FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            content.writeTo(channel);
          }
        });
  }

  /**
   * Writes bytes.
   *
   * @param path the file to make or replace; its folder must exist
   * @throws TensorException as {@link #write(Path, Content)}
   */
  public static void write(Path path, byte[] bytes) {
    write(
        path,
        channel -> {
          ByteBuffer left = ByteBuffer.wrap(bytes);
          while (left.hasRemaining()) {
            channel.write(left);
          }
        });
  }

  /**
   * Writes a file through something that takes a path.
   *
   * @param path the file to make or replace; its folder must exist
   * @param writer makes the file whose path it is given; if it fails, {@code path} stays as it was
   * @throws TensorException if the disk is full, the folder is missing or not writable
   */
  public static void writeBy(Path path, PathWriter writer) {
    Path absolute = path.toAbsolutePath();
    if (Files.isDirectory(absolute)) {
      throw new TensorException("cannot write " + path + ": it is a folder; name a file in it");
    }
    if (!Files.isDirectory(absolute.getParent())) {
      throw new TensorException(
          "cannot write " + path + ": there is no folder " + absolute.getParent() + "; make it");
    }
    Path aside = absolute.resolveSibling("." + path.getFileName() + "." + UUID.randomUUID());
    boolean renamed = false;
    try {
      writer.write(aside);
      try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(aside, absolute, StandardCopyOption.ATOMIC_MOVE);
      renamed = true;
      syncFolder(absolute.getParent());
    } catch (IOException e) {
      throw Faults.unwritable(path, e);
    } finally {
      if (!renamed) {
        deleteQuietly(aside);
      }
    }
  }

  /** Makes the rename itself durable. Systems that cannot open a folder do without. */
  private static void syncFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException ignored) {
      // The file is complete in any case; only when it appears after a power cut is left open.
    }
  }

  private static void deleteQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException ignored) {
      // The fault that stopped the writing is the one to report.
    }
  }
}
