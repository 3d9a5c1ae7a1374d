package org.efficienttrain.tensor.io;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a pickle. Every length is checked against what remains before anything is allocated.
 */
final class PickleInput extends InputStream {
  private final ByteBuffer bytes;

  PickleInput(ByteBuffer bytes) {
    this.bytes = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Number of bytes read so far. */
  int position() {
    return bytes.position();
  }

  @Override
  public int read() {
    return bytes.hasRemaining() ? bytes.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    if (!bytes.hasRemaining()) {
      return -1;
    }
    int count = Math.min(length, bytes.remaining());
    bytes.get(into, offset, count);
    return count;
  }

  @Override
  public int available() {
    return bytes.remaining();
  }

  /** A length in one byte. */
  int readLength() throws EndException {
    require(1);
    return bytes.get() & 0xff;
  }

  int readInt() throws EndException {
    require(Integer.BYTES);
    return bytes.getInt();
  }

  long readLong() throws EndException {
    require(Long.BYTES);
    return bytes.getLong();
  }

  /**
   * A whole number after its length in one byte, little-endian two's complement; no bytes mean 0. A
   * {@link Long} if it fits, else a {@link BigInteger}.
   */
  Number readNumber() throws EndException {
    byte[] digits = new byte[readLength()];
    require(digits.length);
    for (int i = digits.length - 1; i >= 0; i--) {
      digits[i] = bytes.get();
    }
    if (digits.length == 0) {
      return 0L;
    }
    BigInteger number = new BigInteger(digits);
    return number.bitLength() < Long.SIZE ? (Number) number.longValue() : number;
  }

  /** A text of so many bytes of UTF-8; a negative length is one of over 2 GB. */
  String readText(long length) throws EndException {
    require(length);
    byte[] text = new byte[(int) length];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  void skipFully(long length) throws EndException {
    require(length);
    bytes.position(bytes.position() + (int) length);
  }

  /** A text up to the next line feed. */
  String readLine() throws EndException {
    int start = bytes.position();
    int end = start;
    while (true) {
      require(end - start + 1L);
      if (bytes.get(end) == '\n') {
        break;
      }
      end++;
    }
    byte[] line = new byte[end - start];
    bytes.get(line).get();
    return new String(line, StandardCharsets.UTF_8);
  }

  private void require(long length) throws EndException {
    if (length < 0 || length > bytes.remaining()) {
      throw new EndException();
    }
  }

  /** More bytes are asked for than there are. */
  static final class EndException extends IOException {
    EndException() {
      super("the pickle ends early");
    }
  }
}
