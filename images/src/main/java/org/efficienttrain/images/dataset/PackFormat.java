package org.efficienttrain.images.dataset;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * The layout of a packed dataset, one file, little-endian:
 *
 * <pre>
 * header, 40 bytes
 *    0  8 bytes  "ETPACK\r\n" (a transfer as text would change the line end)
 *    8  u32      version, 1
 *   12  u32      number of samples, n
 *   16  u64      offset of the index
 *   24  u64      length of the index; the file ends with it
 *   32  u32      CRC-32C of the index
 *   36  u32      CRC-32C of the 36 bytes before
 * samples        their encoded bytes, one after the other
 * index          u32 number of classes; each class: u16 length, UTF-8
 *                n times: u64 offset, u32 length, u32 label, u32 CRC-32C, u16 length of the name, name in UTF-8
 * </pre>
 */
final class PackFormat {
  static final String EXTENSION = "etpack";
  static final byte[] MAGIC = "ETPACK\r\n".getBytes(StandardCharsets.US_ASCII);
  static final int VERSION = 1;
  static final int HEADER_BYTES = 40;

  /** An entry of the index with an empty name. */
  static final int SMALLEST_ENTRY_BYTES = 8 + 4 + 4 + 4 + 2;

  private PackFormat() {}

  static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  static int checksum(byte[] bytes) {
    return checksum(ByteBuffer.wrap(bytes));
  }

  static ByteBuffer header(int samples, long indexOffset, ByteBuffer index) {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).putInt(VERSION).putInt(samples);
    header.putLong(indexOffset).putLong(index.remaining()).putInt(checksum(index));
    header.putInt(checksum(header.slice(0, header.position())));
    return header.flip();
  }
}
