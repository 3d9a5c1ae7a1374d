package org.efficienttrain.images.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.assertj.core.api.AbstractThrowableAssert;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.dataset.RemoteDataset.RemoteFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DataFetcherTest {
  @TempDir Path folder;
  private HttpServer server;
  private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
  private byte[] archive;
  private Path target;

  /** Bytes after which the server breaks off; then it serves the rest. */
  private int breakAfter = -1;

  private boolean ranged = true;

  /** How many answers fall silent after what they sent, without an end. */
  private int stalls;

  private final CountDownLatch released = new CountDownLatch(1);

  @BeforeEach
  void serve() throws IOException {
    System.setProperty("efficienttrain.cache", folder.resolve("cache").toString());
    target = folder.resolve("data/photos");
    archive = compressed(DatasetForms.tar(DatasetForms.images("photos/train/")));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/photos.tar.gz", this::answer);
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
  }

  @AfterEach
  void stop() {
    released.countDown();
    server.stop(0);
    System.clearProperty("efficienttrain.cache");
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      respond(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void respond(HttpExchange exchange) throws IOException, InterruptedException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    ranges.add(String.valueOf(range));
    int from =
        range != null && ranged
            ? Integer.parseInt(range.substring("bytes=".length(), range.length() - 1))
            : 0;
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, archive.length - from);
    int length = archive.length - from;
    if (breakAfter >= 0) {
      length = breakAfter;
      breakAfter = -1;
    }
    OutputStream out = exchange.getResponseBody();
    out.write(archive, from, length);
    out.flush();
    if (stalls > 0) {
      stalls--;
      released.await();
    }
  }

  private static byte[] compressed(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }

  private RemoteDataset dataset() {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(archive);
      return dataset(HexFormat.of().formatHex(hash));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private RemoteDataset dataset(String sha256) {
    URI address =
        URI.create("http://localhost:" + server.getAddress().getPort() + "/photos.tar.gz");
    return new RemoteDataset(
        "photos", "none", List.of(new RemoteFile(address, archive.length, sha256)));
  }

  private void fetch() {
    new DataFetcher().fetch(dataset(), target, Progress.NONE);
  }

  private AbstractThrowableAssert<?, ?> assertRefused() {
    return assertThatThrownBy(this::fetch)
        .isExactlyInstanceOf(ImageException.class)
        .hasMessageNotContaining("\n");
  }

  private List<String> filesIn(Path root) throws IOException {
    try (var files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void fetchesUnpacksAndShowsProgress() throws IOException {
    List<Long> done = new ArrayList<>();
    new DataFetcher()
        .fetch(
            dataset(),
            target,
            (what, bytes, total) -> {
              if (what.equals("fetching photos.tar.gz")) {
                assertThat(total).isEqualTo(archive.length);
                done.add(bytes);
              }
            });
    assertThat(done).isSorted().endsWith((long) archive.length);
    assertThat(Datasets.open(target.toString(), Progress.NONE).get(0).dataset().size())
        .isEqualTo(2 * DatasetForms.EACH);
    assertThat(filesIn(folder.resolve("cache"))).isEmpty();
    assertThat(ranges).containsExactly("null");
  }

  @Test
  void continuesWhereTheConnectionBroke() {
    breakAfter = 100;
    fetch();
    assertThat(ranges).containsExactly("null", "bytes=100-");
    assertThat(target).isDirectory();
  }

  @Test
  void aConnectionThatFallsSilentIsGivenUpAndContinued() {
    breakAfter = 100;
    stalls = 1;
    new DataFetcher(Duration.ofSeconds(1)).fetch(dataset(), target, Progress.NONE);
    assertThat(ranges).containsExactly("null", "bytes=100-");
    assertThat(target).isDirectory();
  }

  @Test
  void connectionsThatAllFallSilentAreOneSentence() throws IOException {
    breakAfter = 100;
    stalls = 3;
    ranged = false;
    server.removeContext("/photos.tar.gz");
    server.createContext(
        "/photos.tar.gz",
        exchange -> {
          breakAfter = 100;
          answer(exchange);
        });
    assertThatThrownBy(
            () -> new DataFetcher(Duration.ofSeconds(1)).fetch(dataset(), target, Progress.NONE))
        .isExactlyInstanceOf(ImageException.class)
        .hasMessageContaining("nothing came for 1 seconds")
        .hasMessageContaining("what is there is kept");
    assertThat(folder.resolve("cache/downloads/photos/photos.tar.gz.part")).hasSize(100);
  }

  @Test
  void continuesADownloadOfAnEarlierTime() throws IOException {
    Path part = folder.resolve("cache/downloads/photos/photos.tar.gz.part");
    Files.createDirectories(part.getParent());
    Files.write(part, Arrays.copyOf(archive, 77));
    fetch();
    assertThat(ranges).containsExactly("bytes=77-");
  }

  @Test
  void startsOverWhereTheServerCannotContinue() {
    breakAfter = 100;
    ranged = false;
    fetch();
    assertThat(ranges).hasSize(2);
    assertThat(target).isDirectory();
  }

  @Test
  void aWrongChecksumIsOneSentenceAndKeepsNothing() throws IOException {
    assertThatThrownBy(
            () -> new DataFetcher().fetch(dataset("ab".repeat(32)), target, Progress.NONE))
        .isExactlyInstanceOf(ImageException.class)
        .hasMessageContaining("instead of abab")
        .hasMessageContaining("it was not kept");
    assertThat(target).doesNotExist();
    assertThat(filesIn(folder)).isEmpty();
  }

  @Test
  void offlineIsOneSentenceAndKeepsWhatIsThere() throws IOException {
    Path part = folder.resolve("cache/downloads/photos/photos.tar.gz.part");
    Files.createDirectories(part.getParent());
    Files.write(part, Arrays.copyOf(archive, 77));
    server.stop(0);
    assertRefused()
        .hasMessageContaining("cannot fetch photos from http://localhost:")
        .hasMessageContaining("check the network");
    assertThat(part).exists();
    assertThat(target).doesNotExist();
  }

  @Test
  void aMissingFileIsOneSentence() {
    server.removeContext("/photos.tar.gz");
    assertRefused().hasMessageContaining("the server answers 404");
  }

  @Test
  void aFolderThatIsThereIsLeftAlone() throws IOException {
    Files.createDirectories(target);
    Files.writeString(target.resolve("mine.txt"), "mine");
    assertRefused().hasMessageContaining("is there already");
    assertThat(filesIn(target)).containsExactly("mine.txt");
    Files.delete(target.resolve("mine.txt"));
    fetch();
    assertThat(target.resolve("photos/train")).isDirectory();
  }

  @Test
  void anArchiveThatLeadsOutsideWritesNothingOutside() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("photos/cat/1.ppm", DatasetForms.image(1));
    files.put("photos/../../../escaped.txt", "x".getBytes(StandardCharsets.UTF_8));
    archive = compressed(DatasetForms.tar(files));
    assertRefused().hasMessageContaining("leads outside of it");
    assertThat(target).doesNotExist();
    assertThat(filesIn(folder)).noneMatch(name -> name.contains("escaped"));
  }

  @Test
  void linksInAnArchiveAreRefused() throws IOException {
    for (byte kind : new byte[] {TarConstants.LF_SYMLINK, TarConstants.LF_LINK}) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
        TarArchiveEntry entry = new TarArchiveEntry("photos/link", kind);
        entry.setLinkName("/etc");
        out.putArchiveEntry(entry);
        out.closeArchiveEntry();
      }
      Path into = folder.resolve("into" + kind);
      assertThatThrownBy(
              () ->
                  DataFetcher.untar(
                      new ByteArrayInputStream(bytes.toByteArray()), Path.of("set.tar"), into))
          .isExactlyInstanceOf(ImageException.class)
          .hasMessageContaining("the link or device photos/link");
    }
  }

  @Test
  void namesAreKnown() {
    assertThat(RemoteDataset.names())
        .containsExactly("cifar10", "cifar100", "imagenette", "fashion-mnist");
    for (RemoteDataset dataset : RemoteDataset.ALL) {
      for (RemoteFile file : dataset.files()) {
        assertThat(file.sha256()).matches("[0-9a-f]{64}");
        assertThat(file.bytes()).isPositive();
        assertThat(file.fileName()).isNotEmpty();
      }
    }
    assertThatThrownBy(() -> RemoteDataset.named("mnist"))
        .hasMessage(
            "there is no dataset mnist to fetch: choose one of cifar10, cifar100, imagenette, fashion-mnist");
  }
}
