package org.efficienttrain.images.dataset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.efficienttrain.images.ImageException;

/**
 * Lists the regular files of a tar archive, and those of archives inside it as if each of those
 * were a folder: {@code n01440764.tar} holding {@code x.JPEG} gives {@code n01440764/x.JPEG}. Reads
 * headers only, jumping over the contents.
 */
final class TarScanner {
  private static final String TAR = "tar";

  /** Archives are made of records of this many bytes. */
  private static final int RECORD = 512;

  /** An archive in an archive in an archive is no dataset. */
  private static final int DEEPEST = 2;

  private final Path file;
  private final FileChannel channel;
  private final Visitor visitor;

  /** Told of each file. */
  interface Visitor {
    /**
     * A file in the archive.
     *
     * @param offset where its bytes begin in the outermost archive
     */
    void visit(String path, long offset, long length, Content content) throws IOException;
  }

  /** Reads a file that was found, when it is small. */
  interface Content {
    byte[] read(int limit) throws IOException;
  }

  private TarScanner(Path file, FileChannel channel, Visitor visitor) {
    this.file = file;
    this.channel = channel;
    this.visitor = visitor;
  }

  /**
   * Visits every file in the order of the archive.
   *
   * @throws ImageException when the archive is damaged, or has a name that leads outside it
   */
  static void scan(Path file, Visitor visitor) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      new TarScanner(file, channel, visitor).scan("", 0, channel.size(), 1);
    } catch (IOException e) {
      throw new ImageException(
          "cannot read the archive %s, it may be incomplete: %s"
              .formatted(file, CacheFolder.reason(e)),
          e);
    }
  }

  private void scan(String prefix, long start, long size, int depth) throws IOException {
    for (TarArchiveEntry entry : entries(start, size)) {
      String path = prefix + safePath(entry.getName(), file.toString());
      if (ImageFiles.isHidden(path.substring(path.lastIndexOf('/') + 1))) {
        continue;
      }
      long offset = start + entry.getDataOffset();
      long length = entry.getSize();
      if (entry.getDataOffset() + length > size) {
        throw new IOException("it ends within " + path);
      }
      if (depth < DEEPEST && ImageFiles.extension(path).equals(TAR)) {
        String folder = path.substring(0, path.length() - TAR.length() - 1);
        scan(folder + "/", offset, length, depth + 1);
      } else {
        visitor.visit(path, offset, length, limit -> read(path, offset, length, limit));
      }
    }
  }

  private List<TarArchiveEntry> entries(long start, long size) throws IOException {
    if (size % RECORD != 0) {
      // The library takes an archive that ends within a header for one that ends before it.
      throw new IOException("its length of %d is not a multiple of %d".formatted(size, RECORD));
    }
    List<TarArchiveEntry> files = new ArrayList<>();
    try (SeekableByteChannel slice = new ChannelSlice(channel, start, size);
        TarFile tar = new TarFile(slice)) {
      for (TarArchiveEntry entry : tar.getEntries()) {
        // Links, devices and sparse files have no bytes of their own in one place.
        if (entry.isFile() && !entry.isLink() && !entry.isSymbolicLink() && !entry.isSparse()) {
          files.add(entry);
        } else {
          safePath(entry.getName(), file.toString());
        }
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e); // How the library reports some bad headers.
    }
    return files;
  }

  private byte[] read(String path, long offset, long length, int limit) throws IOException {
    if (length > limit) {
      throw new IOException(path + " is larger than the " + limit + " bytes it may have");
    }
    return readRange(channel, offset, (int) length);
  }

  static byte[] readRange(FileChannel channel, long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, offset + bytes.position()) < 0) {
        throw new IOException("it ends too early");
      }
    }
    return bytes.array();
  }

  /**
   * A name in an archive as a relative path without {@code .} parts.
   *
   * @throws ImageException when it is absolute or leads outside
   */
  static String safePath(String name, String archive) {
    List<String> parts = new ArrayList<>();
    boolean unsafe = name.startsWith("/") || name.startsWith("\\") || name.matches("[A-Za-z]:.*");
    for (String part : name.split("[/\\\\]", -1)) {
      unsafe |= part.equals("..") || part.indexOf('\0') >= 0;
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    if (unsafe) {
      throw new ImageException(
          "the archive %s has the entry %s, which leads outside of it: do not use this archive"
              .formatted(archive, name));
    }
    return String.join("/", parts);
  }
}
