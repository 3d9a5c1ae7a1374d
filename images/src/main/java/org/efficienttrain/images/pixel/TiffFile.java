package org.efficienttrain.images.pixel;

import java.util.HashMap;
import java.util.Map;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.pixel.ImageHeader.Format;

/**
 * The first directory of a TIFF (revision 6.0), and whether the data of its strips or tiles are
 * there: the decoder takes what is missing for black.
 */
final class TiffFile {
  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int BITS = 258;
  private static final int COMPRESSION = 259;
  private static final int PHOTOMETRIC = 262;
  private static final int STRIP_OFFSETS = 273;
  private static final int SAMPLES = 277;
  private static final int ROWS_PER_STRIP = 278;
  private static final int STRIP_BYTES = 279;
  private static final int PLANES = 284;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTES = 325;

  private static final int EXTRA_SAMPLES = 338;

  private static final byte ASSOCIATED = 1;
  private static final int UNASSOCIATED = 2;
  private static final int NONE = 1;
  private static final int PACK_BITS = 32773;
  private static final int YCBCR = 6;
  private static final int MOST_SAMPLES = 16;

  /** Bytes of a value of each type, 0 for what is not a whole number. */
  private static final int[] TYPE_BYTES = {0, 1, 0, 2, 4};

  /** What fax coding and newer methods make of a byte at most, when it is no made-up file. */
  private static final int OTHER = 10_000;

  private final FileBytes in;
  private final boolean little;

  /** By tag: where its values begin, their bytes and their number. */
  private final Map<Integer, int[]> fields = new HashMap<>();

  private TiffFile(FileBytes in) {
    this.in = in;
    this.little = in.u8(0) == 'I';
  }

  static ImageHeader read(FileBytes in) {
    TiffFile tiff = new TiffFile(in);
    tiff.readDirectory();
    ImageHeader header = ImageHeader.of(Format.TIFF, tiff.first(WIDTH, 0), tiff.first(HEIGHT, 0));
    tiff.checkData(header.width(), header.height());
    return header;
  }

  /**
   * The same image with its colours as they are stored: the decoder would multiply them with an
   * alpha that is called unassociated, so it is called associated.
   */
  static byte[] withStoredColours(byte[] file) {
    TiffFile tiff = new TiffFile(new FileBytes(file));
    tiff.readDirectory();
    if (tiff.first(EXTRA_SAMPLES, 0) != UNASSOCIATED || tiff.fields.get(EXTRA_SAMPLES)[1] != 2) {
      return file;
    }
    byte[] changed = file.clone();
    changed[tiff.fields.get(EXTRA_SAMPLES)[0] + (tiff.little ? 0 : 1)] = ASSOCIATED;
    return changed;
  }

  private long int4(int at) {
    return little ? in.littleInt(at) : in.bigInt(at);
  }

  private int int2(int at) {
    return little ? in.littleShort(at) : in.bigShort(at);
  }

  private void readDirectory() {
    int at = in.end(Format.TIFF, "header", 0, int4(4));
    int entries = int2(at);
    for (int entry = at + 2; entry < at + 2 + 12 * entries; entry += 12) {
      int type = int2(entry + 2);
      int bytes = type < TYPE_BYTES.length ? TYPE_BYTES[type] : 0;
      long size = bytes * int4(entry + 4);
      if (bytes == 0 || size == 0) {
        continue;
      }
      int values = entry + 8;
      if (size > 4) {
        long offset = int4(entry + 8);
        values = in.end(Format.TIFF, "field " + int2(entry), offset, size) - (int) size;
      }
      fields.putIfAbsent(int2(entry), new int[] {values, bytes, (int) (size / bytes)});
    }
  }

  private long first(int tag, long otherwise) {
    return fields.containsKey(tag) ? value(tag, 0) : otherwise;
  }

  private int count(int tag) {
    return fields.containsKey(tag) ? fields.get(tag)[2] : 0;
  }

  private long value(int tag, int index) {
    int[] field = fields.get(tag);
    int at = field[0] + index * field[1];
    return switch (field[1]) {
      case 1 -> in.u8(at);
      case 2 -> int2(at);
      default -> int4(at);
    };
  }

  /** Checks the strips, or tiles, of each plane against the file and against their pixels. */
  private void checkData(int width, int height) {
    boolean tiled = fields.containsKey(TILE_OFFSETS);
    long across = tiled ? first(TILE_WIDTH, 0) : width;
    long down = tiled ? first(TILE_HEIGHT, 0) : Math.min(first(ROWS_PER_STRIP, height), height);
    long samples = first(SAMPLES, 1);
    boolean planes = first(PLANES, 1) == 2;
    if (across < 1 || down < 1 || samples < 1 || samples > MOST_SAMPLES) {
      throw FileBytes.corrupt(Format.TIFF, "header is damaged");
    }
    long columns = (width + across - 1) / across;
    long rows = (height + down - 1) / down;
    long parts = columns * rows * (planes ? samples : 1);
    int offsets = tiled ? TILE_OFFSETS : STRIP_OFFSETS;
    int lengths = tiled ? TILE_BYTES : STRIP_BYTES;
    if (count(offsets) < parts || count(lengths) < parts) {
      throw new BrokenImageException(Reason.TRUNCATED, "the TIFF data end early");
    }
    long rowBytes = (across * first(BITS, 1) * (planes ? 1 : samples) + 7) / 8;
    long total = 0;
    for (int part = 0; part < parts; part++) {
      long length = value(lengths, part);
      int end = in.end(Format.TIFF, tiled ? "tile" : "strip", value(offsets, part), length);
      long partRows = tiled ? down : Math.min(down, height - (part % rows) * down);
      total += length;
      if (total > in.length()) {
        throw FileBytes.corrupt(Format.TIFF, "strips or tiles overlap");
      }
      if (holds(end - (int) length, (int) length) < leastRaw(rowBytes * partRows)) {
        throw FileBytes.tooFew(Format.TIFF, across, partRows, length);
      }
    }
    in.checkHolds(Format.TIFF, width, height, total, OTHER);
  }

  /** Colours may be stored at a sixteenth of the pixels. */
  private long leastRaw(long bytes) {
    return first(PHOTOMETRIC, 0) == YCBCR ? bytes / 3 : bytes;
  }

  /** How many bytes of pixels compressed data can hold at most. */
  private long holds(int from, int length) {
    return switch ((int) first(COMPRESSION, NONE)) {
      case NONE -> length;
      case PACK_BITS -> unpacked(from, length);
      case 5 -> (long) length * GifFile.LZW;
      case 8, 32946 -> (long) length * PngFile.DEFLATE;
      case 7 -> 3L * 512 * length;
      default -> length == 0 ? 0 : Long.MAX_VALUE;
    };
  }

  /** Follows the runs of PackBits (TIFF 6.0, section 9). */
  private long unpacked(int from, int length) {
    long bytes = 0;
    int at = from;
    while (at < from + length) {
      int code = in.file()[at];
      if (code >= 0) {
        at += 2 + code;
        bytes += code + 1L - Math.max(0, at - from - length);
      } else {
        at += code == -128 ? 1 : 2;
        bytes += code == -128 ? 0 : 1L - code;
      }
    }
    return bytes;
  }
}
