package org.efficienttrain.images.pixel;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.pixel.ImageHeader.Format;

/**
 * The chunks of a PNG (ISO/IEC 15948), walked before the decoder sees them: it believes their
 * lengths and takes memory for them.
 */
final class PngFile {
  private static final int SIGNATURE = 8;

  /** Length, name and checksum. */
  private static final int AROUND = 12;

  /** Deflate makes at most this many bytes of one (258 bytes of 2 bits). */
  static final int DEFLATE = 1032;

  /** What texts and profiles may inflate to, Pillow's MAX_TEXT_CHUNK. */
  private static final int LARGEST_TEXT = 1 << 20;

  /** What all of a file may inflate to, Pillow's MAX_TEXT_MEMORY. */
  private static final int MOST_TEXTS = 64 << 20;

  private PngFile() {}

  static ImageHeader read(FileBytes in) {
    long width = in.bigInt(16);
    long height = in.bigInt(20);
    int depth = in.u8(24);
    int colour = in.u8(25);
    if (!in.startsWith("\0\0\0\rIHDR", SIGNATURE)) {
      throw FileBytes.corrupt(Format.PNG, "header is damaged");
    }
    ImageHeader header =
        ImageHeader.of(Format.PNG, width, height).withSixteenBitGray(depth == 16 && colour == 0);
    long data = 0;
    long texts = 0;
    boolean ended = false;
    for (int at = SIGNATURE; !ended; ) {
      long length = in.bigInt(at);
      int end = in.endOfChunk(Format.PNG, at + 4, at + 8L, length + 4);
      if (in.startsWith("IDAT", at + 4)) {
        data += length;
      } else if (isCompressedText(in, at + 4)) {
        texts += checkText(in, at + 8, (int) length);
        if (texts > MOST_TEXTS) {
          throw tooLong(in, at + 4, MOST_TEXTS);
        }
      }
      if (isNeeded(in, at + 4)) {
        checkSum(in, at + 4, end - 4);
      }
      ended = in.startsWith("IEND", at + 4);
      at = end;
    }
    long raw = height * (1 + (width * bits(depth, colour) + 7) / 8);
    if (raw > data * DEFLATE) {
      throw FileBytes.tooFew(Format.PNG, width, height, data);
    }
    return header;
  }

  /**
   * The same image without what is not needed for its pixels: texts, profiles, animation and
   * unknown chunks, which cost the decoder time and memory.
   */
  static byte[] needed(byte[] file) {
    FileBytes in = new FileBytes(file);
    byte[] out = Arrays.copyOf(file, file.length);
    int to = SIGNATURE;
    boolean ended = false;
    for (int at = SIGNATURE; !ended; ) {
      int size = AROUND + (int) in.bigInt(at);
      if (isNeeded(in, at + 4)) {
        System.arraycopy(file, at, out, to, size);
        to += size;
      }
      ended = in.startsWith("IEND", at + 4);
      at += size;
    }
    return Arrays.copyOf(out, to);
  }

  private static boolean isNeeded(FileBytes in, int name) {
    boolean critical = (in.u8(name) & 0x20) == 0; // by its capital
    return critical || in.startsWith("tRNS", name);
  }

  private static boolean isCompressedText(FileBytes in, int name) {
    return in.startsWith("iCCP", name)
        || in.startsWith("zTXt", name)
        || in.startsWith("iTXt", name);
  }

  private static void checkSum(FileBytes in, int from, int to) {
    CRC32 sum = new CRC32();
    sum.update(in.file(), from, to - from);
    if (sum.getValue() != in.bigInt(to)) {
      throw FileBytes.corrupt(
          Format.PNG, "chunk " + in.name(from) + " does not match its checksum");
    }
  }

  /**
   * Refuses what inflates to more than anybody writes, as Pillow does.
   *
   * @return how many bytes it inflates to
   */
  private static int checkText(FileBytes in, int from, int length) {
    int data = from;
    while (data < from + length && in.u8(data) != 0) {
      data++; // the name
    }
    data += 2; // its end, and the method
    if (in.startsWith("iTXt", from - 4)) {
      boolean compressed = data - 1 < from + length && in.u8(data - 1) == 1;
      if (!compressed) {
        return 0;
      }
      data++;
      for (int fields = 0; data < from + length && fields < 2; data++) {
        fields += in.u8(data) == 0 ? 1 : 0; // language and translated name
      }
    }
    int bytes = data < from + length ? inflated(in.file(), data, from + length - data) : 0;
    if (bytes > LARGEST_TEXT) {
      throw tooLong(in, from - 4, LARGEST_TEXT);
    }
    return bytes;
  }

  private static BrokenImageException tooLong(FileBytes in, int name, int limit) {
    return new BrokenImageException(
        Reason.TOO_LARGE,
        "the PNG chunk %s inflates to more than %d bytes".formatted(in.name(name), limit));
  }

  /** What data inflate to, as far as they are sound and no further than is allowed. */
  private static int inflated(byte[] file, int from, int length) {
    Inflater inflater = new Inflater();
    int total = 0;
    try {
      inflater.setInput(file, from, length);
      byte[] part = new byte[1 << 14];
      int read = 1;
      while (read > 0 && total <= LARGEST_TEXT) {
        read = inflater.inflate(part);
        total += read;
      }
      return total;
    } catch (DataFormatException e) {
      return total; // Damaged texts are left out.
    } finally {
      inflater.end();
    }
  }

  private static int bits(int depth, int colour) {
    int channels =
        switch (colour) {
          case 0, 3 -> 1;
          case 2 -> 3;
          case 4 -> 2;
          case 6 -> 4;
          default -> throw FileBytes.corrupt(Format.PNG, "header is damaged");
        };
    return depth * channels;
  }
}
