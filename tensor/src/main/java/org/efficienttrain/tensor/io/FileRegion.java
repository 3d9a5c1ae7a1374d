package org.efficienttrain.tensor.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;

/**
 * A span of an open file, read piece by piece.
 *
 * @param channel the open file
 * @param offset first byte, from the start of the file
 * @param length number of bytes; whoever makes a region has checked that the file holds them
 */
record FileRegion(FileChannel channel, long offset, long length) {
  /** A mapping costs a system call and a page; below this size a plain read is cheaper. */
  private static final long SMALLEST_MAP = 1 << 16;

  /** The whole file. */
  static FileRegion all(FileChannel channel) throws IOException {
    return new FileRegion(channel, 0, channel.size());
  }

  /**
   * Part of the region, read-only and little-endian; memory-mapped unless it is small.
   *
   * @param start first byte, from the start of the region
   * @param size number of bytes, at most {@link Integer#MAX_VALUE}
   */
  ByteBuffer bytes(long start, long size) throws IOException {
    if (start < 0 || size < 0 || start > length - size || size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("bytes " + start + "+" + size + " of " + length);
    }
    ByteBuffer buffer =
        size < SMALLEST_MAP
            ? copy(offset + start, (int) size).asReadOnlyBuffer()
            : channel.map(MapMode.READ_ONLY, offset + start, size);
    return buffer.order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer copy(long from, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    return buffer.flip();
  }
}
