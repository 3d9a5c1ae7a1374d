package org.efficienttrain.images.dataset;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The body of an HTTP response that fails when nothing comes for a while. The HTTP client itself
 * only limits the time until the body begins; after that, a silent connection would be waited for
 * without end.
 */
final class ImpatientStream extends FilterInputStream {
  private final Duration patience;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "download watch");
            thread.setDaemon(true);
            return thread;
          });
  private volatile boolean gaveUp;

  /**
   * @param body whose {@code close} wakes up a thread that is reading
   */
  ImpatientStream(InputStream body, Duration patience) {
    super(body);
    this.patience = patience;
  }

  @Override
  public int read() throws IOException {
    throw new UnsupportedOperationException("read whole buffers");
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    ScheduledFuture<?> limit =
        clock.schedule(this::giveUp, patience.toMillis(), TimeUnit.MILLISECONDS);
    try {
      int n = in.read(buffer, offset, length);
      if (!gaveUp) {
        return n;
      }
    } catch (IOException e) {
      if (!gaveUp) {
        throw e;
      }
    } finally {
      limit.cancel(false);
    }
    throw new IOException("nothing came for %d seconds".formatted(patience.toSeconds()));
  }

  private void giveUp() {
    gaveUp = true;
    try {
      in.close();
    } catch (IOException e) {
      // The reader is told in any case.
    }
  }

  @Override
  public void close() throws IOException {
    clock.shutdownNow();
    in.close();
  }
}
