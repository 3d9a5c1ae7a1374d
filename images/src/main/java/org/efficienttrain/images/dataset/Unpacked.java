package org.efficienttrain.images.dataset;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.efficienttrain.images.Progress;

/**
 * Compressed archives cannot be read at random: they are decompressed once, into the cache folder,
 * as plain tar files. Nothing is unpacked from them.
 */
final class Unpacked {
  /** Images do not compress. What grows more than this is made to fill a disk. */
  private static final long LARGEST_RATIO = 100;

  private static final long ALWAYS_ALLOWED = 256L << 20;

  private Unpacked() {}

  static boolean isCompressed(Path file) {
    String name = ClassFolders.fileName(file).toLowerCase(Locale.ROOT);
    return name.endsWith(".tar.gz") || name.endsWith(".tgz");
  }

  /** The plain tar file of a compressed one, or the file itself. */
  static Path plain(Path file, Progress progress) {
    if (!isCompressed(file)) {
      return file;
    }
    try {
      long size = Files.size(file);
      String identity =
          file.toRealPath() + "\n" + size + "\n" + Files.getLastModifiedTime(file).toMillis();
      byte[] hash = SampleTable.sha256().digest(identity.getBytes(StandardCharsets.UTF_8));
      Path target =
          CacheFolder.path()
              .resolve("unpacked")
              .resolve(HexFormat.of().formatHex(hash, 0, 16) + ".tar");
      if (!Files.exists(target)) {
        CacheFolder.writeAtomically(
            target, temporary -> decompress(file, size, temporary, progress));
      }
      return target;
    } catch (IOException e) {
      throw ClassFolders.cannotRead(file, e);
    }
  }

  private static void decompress(Path file, long size, Path target, Progress progress)
      throws IOException {
    long limit = Math.max(ALWAYS_ALLOWED, size * LARGEST_RATIO);
    long[] compressed = new long[1];
    try (InputStream counted = counting(Files.newInputStream(file), compressed);
        InputStream in = new GZIPInputStream(counted, 1 << 16);
        OutputStream out = Files.newOutputStream(target)) {
      byte[] buffer = new byte[1 << 20];
      long written = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
        written += n;
        if (written > limit) {
          throw new IOException(
              file + " unpacks to more than " + LARGEST_RATIO + " times its size");
        }
        progress.update("decompressing " + file.getFileName(), compressed[0], size);
      }
    } catch (EOFException | ZipException e) {
      throw new IOException(file + " is damaged or incomplete (" + e.getMessage() + ")", e);
    }
  }

  private static InputStream counting(InputStream in, long[] total) {
    return new BufferedInputStream(in, 1 << 16) {
      @Override
      public synchronized int read(byte[] target, int offset, int length) throws IOException {
        int n = super.read(target, offset, length);
        total[0] += Math.max(0, n);
        return n;
      }
    };
  }
}
