package org.efficienttrain.images.pixel;

import java.util.Arrays;

/**
 * A smaller JPEG that holds a region of another: its coded units are copied, not decoded, so that
 * decoding it gives the same pixels within the region, to the last bit, and costs less. Only
 * baseline JPEGs of one scan without restart markers are cut, and only where enough is saved; all
 * others are for the decoder to read whole.
 */
final class JpegCut {
  private static final int BLOCK = 8;
  private static final int MOST_BLOCKS = 10; // in a coded unit, T.81, B.2.3
  private static final int TABLES = 4;

  /** Walking over a block takes about a quarter of the time of decoding it. */
  private static final double LARGEST_SHARE = 0.75;

  private final byte[] file;
  private final int width;
  private final int height;
  private final Region region;

  private JpegCut(byte[] file, int width, int height, Region region) {
    this.file = file;
    this.width = width;
    this.height = height;
    this.region = region;
  }

  /** The smaller JPEG. */
  byte[] file() {
    return file;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** Where in the smaller JPEG the wanted region lies. */
  Region region() {
    return region;
  }

  /**
   * Cuts a JPEG.
   *
   * @param reduction by which it will be decoded: 1, 2, 4 or 8
   * @return null when the file is not of the kind that is cut, or too little is saved
   */
  static JpegCut of(byte[] file, Region region, int reduction) {
    try {
      Layout layout = Layout.read(file);
      return layout == null ? null : layout.cut(file, region, reduction);
    } catch (IndexOutOfBoundsException e) {
      return null; // The file ends within a segment: the decoder says what is wrong with it.
    }
  }

  /**
   * Whether the coded data of a baseline JPEG break off or hold what is no code: decoders make up
   * the rest of it. Of other kinds this is not told.
   */
  static boolean isDamaged(byte[] file) {
    try {
      Layout layout = Layout.read(file);
      return layout != null && layout.isDamaged(file);
    } catch (IndexOutOfBoundsException e) {
      return true;
    }
  }

  /** What the segments before the data say. */
  private static final class Layout {
    private final HuffmanCodes[][] tables = new HuffmanCodes[2][TABLES];
    private int frame;
    private int components;
    private int widestSampling = 1;
    private int highestSampling = 1;
    private boolean subsampled;
    private int[] componentOf = {};
    private HuffmanCodes[] dc = {};
    private HuffmanCodes[] ac = {};
    private int data;

    /** Null for a kind that is not cut. */
    static Layout read(byte[] file) {
      Layout layout = new Layout();
      int at = 2;
      while (layout.data == 0) {
        int marker = file[at + 1] & 0xFF;
        int length = u16(file, at + 2);
        boolean known =
            file[at] == -1
                && length >= 2
                && switch (marker) {
                  case 0xC0, 0xC1 -> layout.readFrame(file, at + 4);
                  case 0xC4 -> layout.readTables(file, at + 4, at + 2 + length);
                  case 0xDA -> layout.readScan(file, at + 4, at + 2 + length);
                  case 0xDB, 0xFE -> true; // quantisation, comment
                  case 0xDD -> u16(file, at + 4) == 0; // restart interval
                  default -> marker >= 0xE0 && marker <= 0xEF;
                };
        if (!known) {
          return null;
        }
        at += 2 + length;
      }
      return layout;
    }

    private boolean readFrame(byte[] file, int at) {
      components = u8(file, at + 5);
      boolean usual = frame == 0 && u8(file, at) == 8 && (components == 1 || components == 3);
      frame = at;
      if (!usual || u16(file, at + 1) == 0) {
        return false;
      }
      if (components == 1) { // One component is not interleaved, whatever its sampling.
        componentOf = new int[1];
        return true;
      }
      int[] blocks = new int[0];
      for (int c = 0; c < components; c++) {
        int across = u8(file, at + 7 + 3 * c) >> 4;
        int down = u8(file, at + 7 + 3 * c) & 0xF;
        if (across < 1 || down < 1 || blocks.length + across * down > MOST_BLOCKS) {
          return false;
        }
        int before = blocks.length;
        blocks = Arrays.copyOf(blocks, before + across * down);
        Arrays.fill(blocks, before, blocks.length, c);
        subsampled |= c > 0 && (across != widestSampling || down != highestSampling);
        widestSampling = Math.max(widestSampling, across);
        highestSampling = Math.max(highestSampling, down);
      }
      componentOf = blocks;
      return true;
    }

    private boolean readTables(byte[] file, int from, int to) {
      for (int at = from; at < to; ) {
        int kind = u8(file, at) >> 4;
        int number = u8(file, at) & 0xF;
        HuffmanCodes table = HuffmanCodes.read(kind == 1, file, at + 1);
        if (kind > 1 || number >= TABLES || table == null) {
          return false;
        }
        tables[kind][number] = table;
        at += 1 + HuffmanCodes.size(file, at + 1);
      }
      return true;
    }

    /** All components in the order of the frame, all coefficients at once. */
    private boolean readScan(byte[] file, int at, int end) {
      if (frame == 0 || u8(file, at) != components || end != at + 2 * components + 4) {
        return false;
      }
      dc = new HuffmanCodes[components];
      ac = new HuffmanCodes[components];
      for (int c = 0; c < components; c++) {
        int numbers = u8(file, at + 2 + 2 * c);
        if (file[at + 1 + 2 * c] != file[frame + 6 + 3 * c]
            || numbers >> 4 >= TABLES
            || (numbers & 0xF) >= TABLES) {
          return false;
        }
        dc[c] = tables[0][numbers >> 4];
        ac[c] = tables[1][numbers & 0xF];
        if (dc[c] == null || ac[c] == null) {
          return false;
        }
      }
      data = end;
      return file[end - 3] == 0 && file[end - 2] == 63 && file[end - 1] == 0;
    }

    private JpegCut cut(byte[] file, Region region, int reduction) {
      int fullWidth = u16(file, frame + 3);
      int fullHeight = u16(file, frame + 1);
      int unitWidth = BLOCK * widestSampling;
      int unitHeight = BLOCK * highestSampling;
      // A pixel's colour is interpolated from its neighbours' where colours are subsampled.
      int margin = subsampled ? reduction * Math.max(widestSampling, highestSampling) : 0;
      int left = Math.max(0, region.x() - margin) / unitWidth;
      int top = Math.max(0, region.y() - margin) / unitHeight;
      int x = left * unitWidth;
      int y = top * unitHeight;
      int right = ceil(region.x() + region.width() + margin, unitWidth, fullWidth);
      int bottom = ceil(region.y() + region.height() + margin, unitHeight, fullHeight);
      int width = right - x;
      int height = bottom - y;
      boolean worthIt = (double) width * height <= LARGEST_SHARE * fullWidth * fullHeight;
      // The decoder interpolates colours otherwise where there are not more than two.
      if (!worthIt || width <= 2 * reduction * widestSampling) {
        return null;
      }
      Region units = new Region(left, top, units(width, unitWidth), units(height, unitHeight));
      int end = endOfData(file);
      byte[] cut =
          end < 0
              ? null
              : EntropyCut.cut(
                  file, data, end, units(fullWidth, unitWidth), units, dc, ac, componentOf);
      return cut == null
          ? null
          : new JpegCut(
              assemble(file, width, height, cut),
              width,
              height,
              new Region(region.x() - x, region.y() - y, region.width(), region.height()));
    }

    /** Cuts all of it, to see whether that can be done. */
    private boolean isDamaged(byte[] file) {
      int across = units(u16(file, frame + 3), BLOCK * widestSampling);
      int down = units(u16(file, frame + 1), BLOCK * highestSampling);
      Region all = new Region(0, 0, across, down);
      int end = endOfData(file);
      return end >= 0 && EntropyCut.cut(file, data, end, across, all, dc, ac, componentOf) == null;
    }

    private static int units(int pixels, int unit) {
      return (pixels + unit - 1) / unit;
    }

    /** Rounded up to whole units, but not beyond the edge of the image. */
    private static int ceil(int pixels, int unit, int edge) {
      return Math.min(units(pixels, unit) * unit, edge);
    }

    /** Where the data end, if nothing but the end of the image follows; otherwise -1. */
    private int endOfData(byte[] file) {
      int at = data;
      while (at + 1 < file.length && (file[at] != -1 || file[at + 1] == 0)) {
        at++;
      }
      return at + 1 < file.length && file[at + 1] == (byte) 0xD9 ? at : -1;
    }

    /** The segments that decoding needs, with another size, then the data and the end marker. */
    private byte[] assemble(byte[] file, int width, int height, byte[] cut) {
      byte[] out = new byte[data + cut.length + 2];
      int to = 2;
      System.arraycopy(file, 0, out, 0, to);
      for (int at = 2; at < data; ) {
        int marker = file[at + 1] & 0xFF;
        int length = 2 + u16(file, at + 2);
        // Thumbnails, profiles and comments are left out; JFIF and Adobe's tell the colour space.
        boolean needed = marker < 0xE0 || marker == 0xE0 || marker == 0xEE;
        if (needed) {
          System.arraycopy(file, at, out, to, length);
          if (at + 4 == frame) {
            putU16(out, to + 5, height);
            putU16(out, to + 7, width);
          }
          to += length;
        }
        at += length;
      }
      System.arraycopy(cut, 0, out, to, cut.length);
      to += cut.length;
      out[to++] = -1;
      out[to++] = (byte) 0xD9;
      return Arrays.copyOf(out, to);
    }
  }

  private static int u8(byte[] file, int at) {
    return file[at] & 0xFF;
  }

  private static int u16(byte[] file, int at) {
    return u8(file, at) << 8 | u8(file, at + 1);
  }

  private static void putU16(byte[] file, int at, int value) {
    file[at] = (byte) (value >> 8);
    file[at + 1] = (byte) value;
  }
}
