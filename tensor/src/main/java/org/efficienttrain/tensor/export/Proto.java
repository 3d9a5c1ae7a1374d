package org.efficienttrain.tensor.export;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A message of Protocol Buffers under construction, as the wire format has it
 * (protobuf.dev/programming-guides/encoding): fields one after the other, each a tag and a varint,
 * 4 bytes, or a length and so many bytes.
 *
 * <p>Large contents are suppliers, asked when the message is written, so that a network's weights
 * are never all in memory twice.
 */
final class Proto {
  private static final int VARINT = 0;
  private static final int DELIMITED = 2;
  private static final int FOUR_BYTES = 5;

  /** Some bytes, at hand or to be asked for. */
  private record Piece(long size, Supplier<ByteBuffer> bytes) {}

  private final List<Piece> pieces = new ArrayList<>();
  private ByteArrayOutputStream current = new ByteArrayOutputStream();
  private long size;

  /** Number of bytes of the message. */
  long size() {
    return size;
  }

  Proto integer(int field, long value) {
    tag(field, VARINT);
    varint(value);
    return this;
  }

  Proto number(int field, float value) {
    tag(field, FOUR_BYTES);
    int bits = Float.floatToIntBits(value);
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      put(bits >>> shift);
    }
    return this;
  }

  Proto text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  Proto bytes(int field, byte[] value) {
    tag(field, DELIMITED);
    varint(value.length);
    current.writeBytes(value);
    size += value.length;
    return this;
  }

  /** Bytes that are asked for when the message is written. */
  Proto bytes(int field, long length, Supplier<ByteBuffer> value) {
    tag(field, DELIMITED);
    varint(length);
    cut();
    pieces.add(new Piece(length, value));
    size += length;
    return this;
  }

  Proto message(int field, Proto value) {
    tag(field, DELIMITED);
    varint(value.size);
    cut();
    value.cut();
    pieces.addAll(value.pieces);
    size += value.size;
    return this;
  }

  /** Numbers of one field without a tag each. */
  Proto packed(int field, long... values) {
    Proto list = new Proto();
    for (long value : values) {
      list.varint(value);
    }
    return message(field, list);
  }

  /** Writes the message. */
  void writeTo(WritableByteChannel channel) throws IOException {
    cut();
    for (Piece piece : pieces) {
      ByteBuffer bytes = piece.bytes.get();
      if (bytes.remaining() != piece.size) {
        throw new IllegalStateException(bytes.remaining() + " bytes instead of " + piece.size);
      }
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  private void tag(int field, int wireType) {
    varint((long) field << 3 | wireType);
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      put((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    put((int) rest);
  }

  private void put(int b) {
    current.write(b);
    size++;
  }

  /** Ends the piece that is being written to. */
  private void cut() {
    if (current.size() > 0) {
      byte[] bytes = current.toByteArray();
      pieces.add(new Piece(bytes.length, () -> ByteBuffer.wrap(bytes)));
      current = new ByteArrayOutputStream();
    }
  }
}
