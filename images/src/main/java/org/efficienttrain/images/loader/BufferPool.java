package org.efficienttrain.images.loader;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.efficienttrain.images.ImageException;

/**
 * A bounded number of direct buffers that are used again and again; larger ones replace smaller
 * ones when the curriculum grows. Guarded by the loader's lock.
 */
final class BufferPool {
  private final int limit;
  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
  private int lent;

  BufferPool(int limit) {
    this.limit = limit;
  }

  /** A cleared buffer with at least so many bytes, or null when all are lent. */
  ByteBuffer tryTake(int bytes) {
    if (lent == limit) {
      return null;
    }
    ByteBuffer buffer = takeFree(bytes);
    if (buffer == null) {
      if (free.size() + lent == limit) {
        free.removeFirst(); // Too small, and one more would break the bound.
      }
      buffer = allocate(bytes);
    }
    lent++;
    return buffer.clear();
  }

  void giveBack(ByteBuffer buffer) {
    lent--;
    free.addLast(buffer);
  }

  int lent() {
    return lent;
  }

  int limit() {
    return limit;
  }

  private ByteBuffer takeFree(int bytes) {
    for (Iterator<ByteBuffer> buffers = free.iterator(); buffers.hasNext(); ) {
      ByteBuffer buffer = buffers.next();
      if (buffer.capacity() >= bytes) {
        buffers.remove();
        return buffer;
      }
    }
    return null;
  }

  private ByteBuffer allocate(int bytes) {
    try {
      return ByteBuffer.allocateDirect(bytes);
    } catch (OutOfMemoryError e) {
      throw new ImageException(
          "no memory for %d image batches of %.0f MB: lower the batch size or the prefetch, or raise -XX:MaxDirectMemorySize"
              .formatted(limit, bytes / 1e6),
          e);
    }
  }
}
