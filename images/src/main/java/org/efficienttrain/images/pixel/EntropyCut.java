package org.efficienttrain.images.pixel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Copies a rectangle out of the entropy-coded data of a baseline JPEG without decoding it: blocks
 * are walked over to find where they begin and end. The mean (DC) of a block is stored as the
 * difference from the block before, so it is written anew where that is another one; everything
 * else is copied bit by bit.
 */
final class EntropyCut {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Bytes that may be read or written beyond the end. */
  private static final int SLACK = 16;

  /** Bits that one look brings at least. */
  private static final int LOADED = 57;

  private static final int COEFFICIENTS = 64;

  /** Of 8-bit images (T.81, table F.1). */
  private static final int LARGEST_CATEGORY = 11;

  private final byte[] in;
  private final long inBits;
  private final HuffmanCodes[] dc;
  private final HuffmanCodes[] ac;

  /** The component of each block of a minimum coded unit. */
  private final int[] componentOf;

  /** The next bit to read. */
  private long at;

  /** Where the coefficients of the latest block begin, behind its mean. */
  private long rest;

  private final int[] mean;

  private final byte[] out;
  private int outBytes;
  private long pending;
  private int pendingBits;
  private final int[] writtenMean;

  /**
   * @param data without stuffed bytes
   * @param length bytes of them that count; {@link #SLACK} more must be there
   */
  private EntropyCut(
      byte[] data, int length, int rows, HuffmanCodes[] dc, HuffmanCodes[] ac, int[] componentOf) {
    this.in = data;
    this.inBits = 8L * length;
    this.dc = dc;
    this.ac = ac;
    this.componentOf = componentOf;
    this.mean = new int[dc.length];
    this.writtenMean = new int[dc.length];
    // Each row begins with new means, of at most 27 bits each.
    this.out = new byte[length + rows * dc.length * Integer.BYTES + SLACK];
  }

  /**
   * The data of a rectangle of coded units.
   *
   * @param file what to read, from the first byte of the data to their last
   * @param from first byte
   * @param to one past the last byte
   * @param unitsPerRow how many units a row has
   * @param units the rectangle, in units
   * @param dc tables of each component
   * @param ac tables of each component
   * @return data of the rectangle alone, padded to a byte, with stuffed bytes; null when these data
   *     are not as they should be, or cannot be written with their own tables
   */
  static byte[] cut(
      byte[] file,
      int from,
      int to,
      int unitsPerRow,
      Region units,
      HuffmanCodes[] dc,
      HuffmanCodes[] ac,
      int[] componentOf) {
    byte[] plain = new byte[to - from + SLACK];
    int length = unstuff(file, from, to, plain);
    EntropyCut cut = new EntropyCut(plain, length, units.height(), dc, ac, componentOf);
    return cut.run(unitsPerRow, units) ? cut.stuffed() : null;
  }

  private boolean run(int unitsPerRow, Region units) {
    int right = units.x() + units.width();
    int bottom = units.y() + units.height();
    for (int y = 0; y < bottom; y++) {
      boolean wanted = y >= units.y();
      int beyond = y == bottom - 1 ? right : unitsPerRow;
      boolean sound =
          wanted
              ? skip(units.x()) && keep(units.width()) && skip(beyond - right)
              : skip(unitsPerRow);
      if (!sound) {
        return false;
      }
    }
    return true;
  }

  private boolean skip(int units) {
    for (int i = 0; i < units; i++) {
      for (int component : componentOf) {
        if (!walk(component)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Copies units that lie side by side. */
  private boolean keep(int units) {
    long copied = at;
    int last = -1;
    for (int component : componentOf) {
      long start = at;
      if (!walk(component)) {
        return false;
      }
      if (component != last) { // The blocks of a component follow each other.
        copy(copied, start);
        if (!writeMean(component)) {
          return false;
        }
        copied = rest;
        last = component;
      }
    }
    if (!skip(units - 1)) {
      return false;
    }
    copy(copied, at);
    System.arraycopy(mean, 0, writtenMean, 0, mean.length);
    return true;
  }

  /** The next bits, at least {@link #LOADED} of them, from the highest on. */
  private static long bits(byte[] in, long at) {
    return (long) LONG.get(in, (int) (at >>> 3)) << (at & 7);
  }

  /** Goes to the end of a block and keeps its mean. */
  private boolean walk(int component) {
    byte[] data = in;
    long position = at;
    if (position > inBits) {
      return false;
    }
    long bits = bits(data, position);
    int found = dc[component].find(bits);
    int category = found >> 8;
    int length = found & 0xFF;
    if (found == 0 || category > LARGEST_CATEGORY) {
      return false;
    }
    if (category > 0) {
      int value = (int) ((bits << length) >>> (Long.SIZE - category));
      boolean negative = value < 1 << (category - 1);
      mean[component] += negative ? value - (1 << category) + 1 : value;
    }
    int used = length + category;
    rest = position + used;
    bits <<= used;
    HuffmanCodes table = ac[component];
    int k = 1;
    while (k < COEFFICIENTS) {
      if (used > LOADED - HuffmanCodes.LONGEST) {
        position += used;
        used = 0;
        if (position > inBits) {
          return false;
        }
        bits = bits(data, position);
      }
      int stride = table.strides(bits);
      if (k + (stride >> 8 & HuffmanCodes.END_OF_BLOCK - 1) >= COEFFICIENTS) {
        stride = table.stride(bits); // What follows the last coefficient is of the next block.
      }
      if (stride == 0) {
        return false;
      }
      used += stride & 0xFF;
      bits <<= stride; // by its lowest six bits: fewer than 32 are used at once
      k += stride >> 8;
    }
    at = position + used;
    return (k == COEFFICIENTS || k >= HuffmanCodes.END_OF_BLOCK) && at <= inBits;
  }

  private boolean writeMean(int component) {
    int difference = mean[component] - writtenMean[component];
    int category = Integer.SIZE - Integer.numberOfLeadingZeros(Math.abs(difference));
    int code = category > LARGEST_CATEGORY ? 0 : dc[component].code(category);
    if (code == 0) {
      return false;
    }
    write(code >> 8, code & 0xFF);
    write(difference < 0 ? difference + (1 << category) - 1 : difference, category);
    return true;
  }

  private void copy(long from, long to) {
    long position = from;
    for (; to - position > Integer.SIZE; position += Integer.SIZE) {
      write(bits(in, position) >>> Integer.SIZE, Integer.SIZE);
    }
    int rest = (int) (to - position);
    if (rest > 0) {
      write(bits(in, position) >>> (Long.SIZE - rest), rest);
    }
  }

  /** Appends the lowest bits, at most 32, of a number without higher ones. */
  private void write(long bits, int count) {
    pending = pending << count | bits;
    pendingBits += count;
    if (pendingBits >= Integer.SIZE) {
      pendingBits -= Integer.SIZE;
      LONG.set(out, outBytes, pending >>> pendingBits << Integer.SIZE);
      outBytes += Integer.BYTES;
    }
  }

  private byte[] stuffed() {
    int padding = -pendingBits & 7;
    write((1 << padding) - 1, padding);
    LONG.set(out, outBytes, pendingBits == 0 ? 0 : pending << (Long.SIZE - pendingBits));
    outBytes += pendingBits / 8;
    byte[] result = new byte[2 * outBytes + SLACK];
    int to = 0;
    for (int from = 0; from < outBytes; ) {
      long eight = (long) LONG.get(out, from);
      if (from + Long.BYTES <= outBytes && !holdsFF(eight)) {
        LONG.set(result, to, eight);
        from += Long.BYTES;
        to += Long.BYTES;
      } else {
        byte value = out[from++];
        result[to++] = value;
        to += value == -1 ? 1 : 0;
      }
    }
    return Arrays.copyOf(result, to);
  }

  private static int unstuff(byte[] file, int from, int end, byte[] plain) {
    int to = 0;
    for (int at = from; at < end; ) {
      if (at + Long.BYTES <= end) {
        long eight = (long) LONG.get(file, at);
        if (!holdsFF(eight)) {
          LONG.set(plain, to, eight);
          at += Long.BYTES;
          to += Long.BYTES;
          continue;
        }
      }
      plain[to++] = file[at];
      at += file[at] == -1 ? 2 : 1;
    }
    return to;
  }

  private static boolean holdsFF(long eight) {
    return (((eight & 0x7F7F7F7F7F7F7F7FL) + 0x0101010101010101L) & eight & 0x8080808080808080L)
        != 0;
  }
}
