package org.efficienttrain.images.pixel;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * One Huffman table of a JPEG (ITU-T T.81, annex C and F.2.2.3), for finding where codes end and
 * for writing codes again.
 */
final class HuffmanCodes {
  /** Codes up to this length are found with one look at a table. */
  private static final int DIRECT = 10;

  /** Further than any number of zeros leads. */
  static final int END_OF_BLOCK = 128;

  /** Bits of the longest code. */
  static final int LONGEST = 16;

  private static final int SYMBOLS = 256;

  /** Most files have the tables of the standard (T.81, annex K): those last seen are kept. */
  private static final int SLOTS = 16;

  private static final AtomicReferenceArray<HuffmanCodes> KNOWN =
      new AtomicReferenceArray<>(2 * SLOTS);

  /** By the next {@link #DIRECT} bits: {@code symbol << 8 | length}, or 0 for longer codes. */
  private final int[] direct = new int[1 << DIRECT];

  /** By length: one past the last code of this length, left-aligned in 16 bits. */
  private final int[] end = new int[LONGEST + 1];

  /** By length: what to add to a code of this length to find its symbol in the definition. */
  private final int[] offset = new int[LONGEST + 1];

  /**
   * Of a table of coefficients, by the next {@link #DIRECT} bits: how far all codes lead that lie
   * within them, as {@code coefficients << 8 | bits}; or 0 when the first does not.
   */
  private final int[] strides = new int[1 << DIRECT];

  /** How many codes each length has, then their symbols. */
  private final byte[] definition;

  /** By symbol: {@code code << 8 | length}, or 0 for symbols without a code. */
  private final int[] codes = new int[SYMBOLS];

  private HuffmanCodes(byte[] definition) {
    this.definition = definition;
  }

  /**
   * Reads a table.
   *
   * @param coefficients whether the symbols are those of coefficients (AC) rather than of means
   *     (DC)
   * @param at where the 16 numbers of codes by length begin; the symbols lie behind them
   * @return null when there are more codes than fit
   * @throws IndexOutOfBoundsException when the file ends within the table
   */
  static HuffmanCodes read(boolean coefficients, byte[] file, int at) {
    byte[] definition = Arrays.copyOfRange(file, at, at + size(file, at));
    if (definition.length > LONGEST + SYMBOLS || at + definition.length > file.length) {
      return null;
    }
    int slot = (Arrays.hashCode(definition) & SLOTS - 1) * 2 + (coefficients ? 1 : 0);
    HuffmanCodes known = KNOWN.get(slot);
    if (known != null && Arrays.equals(known.definition, definition)) {
      return known;
    }
    HuffmanCodes table = new HuffmanCodes(definition);
    if (!table.build()) {
      return null;
    }
    if (coefficients) {
      table.addStrides();
    }
    KNOWN.set(slot, table);
    return table;
  }

  /** False when there are more codes than fit. */
  private boolean build() {
    int code = 0;
    int next = LONGEST;
    for (int length = 1; length <= LONGEST; length++, code <<= 1) {
      offset[length] = next - code;
      for (int i = definition[length - 1] & 0xFF; i > 0; i--) {
        if (code >= 1 << length) {
          return false;
        }
        add(definition[next++] & 0xFF, code++, length);
      }
      end[length] = code << (LONGEST - length);
    }
    return true;
  }

  /** Bytes of a table in a file. */
  static int size(byte[] file, int at) {
    int size = LONGEST;
    for (int i = 0; i < LONGEST; i++) {
      size += file[at + i] & 0xFF;
    }
    return size;
  }

  private void add(int symbol, int code, int length) {
    codes[symbol] = code << 8 | length;
    if (length <= DIRECT) {
      int first = code << (DIRECT - length);
      int last = (code + 1) << (DIRECT - length);
      Arrays.fill(direct, first, last, symbol << 8 | length);
    }
  }

  private void addStrides() {
    for (int bits = 0; bits < strides.length; bits++) {
      int sum = 0;
      int length = 0;
      while (length < DIRECT && sum < END_OF_BLOCK << 8) {
        int found = direct[(bits << length) & (strides.length - 1)];
        if (found == 0 || length + (found & 0xFF) > DIRECT) {
          break;
        }
        sum += stride(found);
        length = sum & 0xFF;
      }
      strides[bits] = sum;
    }
  }

  /**
   * How far a code of a coefficient leads with the value that follows it.
   *
   * @param found the symbol as {@link #find} gives it: a number of zeros and the size of a value
   * @return {@code coefficients << 8 | bits}
   */
  private static int stride(int found) {
    int size = (found >> 8) & 0xF;
    int zeros = found >> 12;
    // Without a value, 15 stands for sixteen zeros and anything else ends the block.
    int coefficients = size != 0 || zeros == 15 ? zeros + 1 : END_OF_BLOCK;
    return coefficients << 8 | ((found & 0xFF) + size);
  }

  /**
   * How far the next codes of coefficients lead, one or more of them.
   *
   * @param bits the next ones, from the highest on
   * @return {@code coefficients << 8 | bits}, where {@link #END_OF_BLOCK} in the number of
   *     coefficients says that the block ends; 0 when there is no such code
   */
  int strides(long bits) {
    int stride = strides[(int) (bits >>> (Long.SIZE - DIRECT))];
    return stride != 0 ? stride : stride(bits);
  }

  /** As {@link #strides}, but of one code. */
  int stride(long bits) {
    int found = find(bits);
    return found == 0 ? 0 : stride(found);
  }

  /**
   * The symbol whose code begins these bits.
   *
   * @param bits the next ones, from the highest on
   * @return {@code symbol << 8 | length of its code}, or 0 when there is no such code
   */
  int find(long bits) {
    int found = direct[(int) (bits >>> (Long.SIZE - DIRECT))];
    return found != 0 ? found : findLong((int) (bits >>> (Long.SIZE - LONGEST)));
  }

  private int findLong(int bits) {
    for (int length = DIRECT + 1; length <= LONGEST; length++) {
      if (bits < end[length]) {
        int symbol = definition[(bits >> (LONGEST - length)) + offset[length]] & 0xFF;
        return symbol << 8 | length;
      }
    }
    return 0;
  }

  /** {@code code << 8 | length}, or 0 when the symbol has none. */
  int code(int symbol) {
    return codes[symbol];
  }
}
