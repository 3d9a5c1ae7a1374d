package org.efficienttrain.training.report.tensorboard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A file of records: the length in 8 bytes and its masked CRC-32C, the data and their masked
 * CRC-32C, all in little-endian order.
 */
final class EventFile implements AutoCloseable {
  private static final int HEADER = 12;
  private static final int FOOTER = 4;

  /** A longer record is damage. */
  private static final long MAX_RECORD = 64 << 20;

  private final FileChannel channel;

  /** Opens a file to write behind its end, made if missing. */
  EventFile(Path file) throws IOException {
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    channel.position(channel.size());
  }

  /** The masked checksum of the format: rotated and shifted, so that a checksum of it is no 0. */
  static int masked(byte[] data, int length) {
    CRC32C crc = new CRC32C();
    crc.update(data, 0, length);
    int value = (int) crc.getValue();
    return ((value >>> 15) | (value << 17)) + 0xa282ead8;
  }

  /** Writes one record in one piece. */
  void write(byte[] data) throws IOException {
    byte[] length =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length).array();
    ByteBuffer record =
        ByteBuffer.allocate(HEADER + data.length + FOOTER).order(ByteOrder.LITTLE_ENDIAN);
    record.put(length).putInt(masked(length, 8)).put(data).putInt(masked(data, data.length));
    record.flip();
    while (record.hasRemaining()) {
      channel.write(record);
    }
  }

  /** Told every record; cuts before the first that it refuses. */
  interface Keeper {
    boolean keep(byte[] data);
  }

  /** Cuts the file before the first record that is not to be kept, or is not whole. */
  void cut(Keeper keeper) throws IOException {
    long at = 0;
    long size = channel.size();
    while (at + HEADER + FOOTER <= size) {
      byte[] header = read(at, HEADER);
      long length = wrap(header).getLong();
      if (length < 0
          || length > MAX_RECORD
          || at + HEADER + length + FOOTER > size
          || wrap(header).getInt(8) != masked(header, 8)) {
        break;
      }
      byte[] data = read(at + HEADER, (int) length);
      int checksum = wrap(read(at + HEADER + length, FOOTER)).getInt();
      if (checksum != masked(data, data.length) || !keeper.keep(data)) {
        break;
      }
      at += HEADER + length + FOOTER;
    }
    channel.truncate(at);
    channel.position(at);
  }

  private static ByteBuffer wrap(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private byte[] read(long at, int length) throws IOException {
    byte[] bytes = new byte[length];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) > 0) {
      // until it is full
    }
    return bytes;
  }

  long size() throws IOException {
    return channel.size();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
