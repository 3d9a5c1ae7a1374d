package org.efficienttrain.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * A run of bytes in a file that one or more tensors look into, with the checksum that the file
 * gives for it, if any. The checksum is verified once, before the first bytes are handed out.
 */
final class Storage {
  private static final long CHUNK = 1L << 30;

  private final FileRegion region;
  private final Long crc;
  private boolean verified;

  /** A storage without checksum. */
  Storage(FileRegion region) {
    this(region, null);
  }

  /** A storage with its CRC-32, or null where the file gives none. */
  Storage(FileRegion region, Long crc) {
    this.region = region;
    this.crc = crc;
  }

  long length() {
    return region.length();
  }

  /**
   * Some of the bytes, as {@link FileRegion#bytes}.
   *
   * @throws ChecksumException if the storage is not what was written
   */
  synchronized ByteBuffer bytes(long start, long size) throws IOException {
    if (crc != null && !verified) {
      verify();
      verified = true;
    }
    return region.bytes(start, size);
  }

  private void verify() throws IOException {
    CRC32 sum = new CRC32();
    for (long at = 0; at < region.length(); at += CHUNK) {
      sum.update(region.bytes(at, Math.min(CHUNK, region.length() - at)));
    }
    if (sum.getValue() != crc) {
      throw new ChecksumException();
    }
  }

  /** The bytes do not match their checksum. */
  static final class ChecksumException extends IOException {
    ChecksumException() {
      super("the bytes do not match their checksum");
    }
  }
}
