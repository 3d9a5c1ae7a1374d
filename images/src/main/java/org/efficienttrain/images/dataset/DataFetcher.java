package org.efficienttrain.images.dataset;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.dataset.RemoteDataset.RemoteFile;

/**
 * Fetches datasets from their official addresses. Downloads lie in the cache folder, are taken up
 * again where they broke off, and are unpacked only when their SHA-256 is right. The target folder
 * appears when everything is in it.
 */
public final class DataFetcher {
  private static final int ATTEMPTS = 3;
  private static final int OK = 200;
  private static final int PARTIAL_CONTENT = 206;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Duration patience;

  private final HttpClient client =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NORMAL)
          .connectTimeout(Duration.ofSeconds(20))
          .build();

  /** Gives up a connection on which nothing comes for 60 seconds. */
  public DataFetcher() {
    this(PATIENCE);
  }

  DataFetcher(Duration patience) {
    this.patience = patience;
  }

  /**
   * Fetches and unpacks a dataset.
   *
   * @param target a folder that does not exist yet, or is empty
   * @throws ImageException in one sentence, when the network, the disk or a checksum fails; what is
   *     downloaded is kept for the next time
   */
  public void fetch(RemoteDataset dataset, Path target, Progress progress) {
    Path folder = target.toAbsolutePath().normalize();
    Path partial = folder.resolveSibling("." + ClassFolders.fileName(folder) + ".partial");
    try {
      if (Files.exists(folder) && !isEmptyFolder(folder)) {
        throw new ImageException(target + " is there already: delete it, or name a new folder");
      }
      List<Path> archives =
          dataset.files().stream().map(file -> download(dataset, file, progress)).toList();
      deleteTree(partial);
      Files.createDirectories(partial);
      for (Path archive : archives) {
        progress.update("unpacking " + archive.getFileName(), 0, -1);
        unpack(archive, partial);
      }
      Files.deleteIfExists(folder);
      Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
      for (Path archive : archives) {
        Files.deleteIfExists(archive);
      }
    } catch (IOException e) {
      throw new ImageException(
          "cannot unpack %s into %s: %s".formatted(dataset.name(), target, CacheFolder.reason(e)),
          e);
    }
  }

  private static boolean isEmptyFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children.findAny().isEmpty();
    }
  }

  /** A file in the cache folder whose checksum is right. */
  private Path download(RemoteDataset dataset, RemoteFile file, Progress progress) {
    Path folder = CacheFolder.path().resolve("downloads").resolve(dataset.name());
    Path complete = folder.resolve(file.fileName());
    Path part = folder.resolve(file.fileName() + ".part");
    try {
      if (Files.exists(complete) && sha256(complete).equals(file.sha256())) {
        return complete;
      }
      Files.createDirectories(folder);
      for (int attempt = 1; ; attempt++) {
        try {
          transfer(file, part, progress);
          break;
        } catch (IOException e) {
          if (attempt == ATTEMPTS) {
            throw new ImageException(
                "cannot fetch %s from %s (%s): check the network and try again, what is there is kept"
                    .formatted(dataset.name(), file.address(), networkReason(e)),
                e);
          }
        }
      }
      String actual = sha256(part);
      if (!actual.equals(file.sha256())) {
        Files.delete(part);
        throw new ImageException(
            "%s has the SHA-256 %s instead of %s: it was not kept, try again"
                .formatted(file.address(), actual, file.sha256()));
      }
      Files.move(part, complete, StandardCopyOption.REPLACE_EXISTING);
      return complete;
    } catch (IOException e) {
      throw new ImageException(
          "cannot store %s in %s: %s".formatted(file.fileName(), folder, CacheFolder.reason(e)), e);
    }
  }

  private static String networkReason(IOException error) {
    return error.getMessage() == null || error.getMessage().isBlank()
        ? "no connection"
        : error.getMessage();
  }

  /** Appends what is missing; starts over when the server cannot continue. */
  private void transfer(RemoteFile file, Path part, Progress progress) throws IOException {
    long have = Files.exists(part) ? Files.size(part) : 0;
    if (have == file.bytes()) {
      return;
    }
    if (have > file.bytes()) {
      Files.delete(part);
      have = 0;
    }
    HttpRequest.Builder request = HttpRequest.newBuilder(file.address()).timeout(patience);
    if (have > 0) {
      request.header("Range", "bytes=" + have + "-");
    }
    HttpResponse<InputStream> response = send(request.build());
    try (InputStream in = new ImpatientStream(response.body(), patience)) {
      if (response.statusCode() == OK) {
        have = 0;
      } else if (response.statusCode() != PARTIAL_CONTENT || have == 0) {
        throw new IOException("the server answers " + response.statusCode());
      }
      append(in, part, have, file, progress);
    }
  }

  private static void append(
      InputStream in, Path part, long have, RemoteFile file, Progress progress) throws IOException {
    long written = have;
    try (OutputStream out =
        Files.newOutputStream(
            part,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            have > 0 ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING)) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        written += n;
        if (written > file.bytes()) {
          throw new IOException("the server sends more than the " + file.bytes() + " bytes known");
        }
        out.write(buffer, 0, n);
        progress.update("fetching " + file.fileName(), written, file.bytes());
      }
    }
    if (written < file.bytes()) {
      throw new IOException(
          "the connection ended after %d of %d bytes".formatted(written, file.bytes()));
    }
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest = SampleTable.sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void unpack(Path archive, Path folder) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(archive));
        InputStream plain = new GZIPInputStream(raw)) {
      if (Unpacked.isCompressed(archive)) {
        untar(plain, archive, folder);
      } else {
        String name = ClassFolders.fileName(archive).replaceFirst("\\.gz$", "");
        Files.copy(plain, folder.resolve(name));
      }
    }
  }

  /** Only files and folders are made, and only within the folder. */
  static void untar(InputStream plain, Path archive, Path folder) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(plain);
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      Path path = folder.resolve(TarScanner.safePath(entry.getName(), archive.toString()));
      if (entry.isDirectory()) {
        Files.createDirectories(path);
      } else if (entry.isFile() && !entry.isLink() && !entry.isSymbolicLink()) {
        Files.createDirectories(path.getParent());
        Files.copy(tar, path, StandardCopyOption.REPLACE_EXISTING);
      } else {
        throw new ImageException(
            "the archive %s holds the link or device %s: do not use this archive"
                .formatted(archive, entry.getName()));
      }
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
