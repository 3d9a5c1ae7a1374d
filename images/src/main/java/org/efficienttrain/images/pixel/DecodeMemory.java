package org.efficienttrain.images.pixel;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;

/**
 * The memory that all threads together may use to decode: large images take turns, so that their
 * number at a time does not grow with the number of workers.
 */
final class DecodeMemory {
  /** Half of the largest heap, however much of it native memory is. */
  static final DecodeMemory SHARED = new DecodeMemory(Runtime.getRuntime().maxMemory() / 2);

  private static final long UNIT = 1 << 20;

  /** Images that need no more do not ask. */
  private static final long SMALL = 16 * UNIT;

  private final int units;
  private final Semaphore free;

  DecodeMemory(long bytes) {
    units = (int) Math.max(1, Math.min(Integer.MAX_VALUE, bytes / UNIT));
    free = new Semaphore(units, true);
  }

  /**
   * Decodes when there is room. An image that needs more than there is in all is decoded alone.
   *
   * @param bytes that it needs
   * @throws BrokenImageException when the memory does not suffice
   */
  <T> T decode(ImageHeader header, long bytes, Supplier<T> decode) {
    int wanted = bytes <= SMALL ? 0 : (int) Math.min(units, bytes / UNIT);
    free.acquireUninterruptibly(wanted);
    try {
      return decode.get();
    } catch (OutOfMemoryError e) {
      throw new BrokenImageException(
          Reason.TOO_LARGE,
          "the image has %d x %d pixels, too many for the memory at hand: give Java more (-Xmx)"
              .formatted(header.width(), header.height()),
          e);
    } finally {
      free.release(wanted);
    }
  }
}
