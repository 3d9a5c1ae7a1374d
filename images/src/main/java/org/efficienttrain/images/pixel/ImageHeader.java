package org.efficienttrain.images.pixel;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;

/**
 * Format and size of an encoded image, read from its first bytes before any pixel is. The content
 * decides, not the name: a PNG called {@code .jpg} is a PNG.
 *
 * @param format what the content is
 * @param width pixels, at least 1
 * @param height pixels, at least 1
 * @param sixteenBitGray whether the file is a PNG with one channel of 16 bits
 */
public record ImageHeader(Format format, int width, int height, boolean sixteenBitGray) {

  /** The formats that can be decoded. */
  public enum Format {
    JPEG,
    PNG,
    WEBP,
    BMP,
    GIF,
    TIFF,
    PPM
  }

  private ImageHeader(Format format, long width, long height) {
    this(format, side(format, width), side(format, height), false);
  }

  /** The same format at another size. */
  ImageHeader withSize(int newWidth, int newHeight) {
    return new ImageHeader(format, newWidth, newHeight, sixteenBitGray);
  }

  /** Pixels in the image. */
  public long pixels() {
    return (long) width * height;
  }

  /**
   * Reads the header of an encoded image.
   *
   * @throws BrokenImageException when the bytes are empty, of no known format, or end within the
   *     header
   */
  public static ImageHeader read(byte[] file) {
    if (file.length == 0) {
      throw new BrokenImageException(Reason.EMPTY, "the file is empty");
    }
    try {
      return parse(new Bytes(file));
    } catch (IndexOutOfBoundsException e) {
      throw new BrokenImageException(Reason.TRUNCATED, "the file ends within its header", e);
    }
  }

  private static ImageHeader parse(Bytes in) {
    if (in.startsWith("\u00FF\u00D8\u00FF", 0)) {
      return jpeg(in);
    }
    if (in.startsWith("\u0089PNG\r\n\u001A\n", 0)) {
      boolean gray16 = in.u8(24) == 16 && in.u8(25) == 0;
      return new ImageHeader(
          Format.PNG, side(Format.PNG, in.bigInt(16)), side(Format.PNG, in.bigInt(20)), gray16);
    }
    if (in.startsWith("RIFF", 0) && in.startsWith("WEBP", 8)) {
      return webp(in);
    }
    if (in.startsWith("GIF87a", 0) || in.startsWith("GIF89a", 0)) {
      return new ImageHeader(Format.GIF, in.littleShort(6), in.littleShort(8));
    }
    if (in.startsWith("BM", 0)) {
      boolean core = in.littleInt(14) == 12;
      // A negative height means rows from top to bottom.
      return core
          ? new ImageHeader(Format.BMP, in.littleShort(18), in.littleShort(20))
          : new ImageHeader(Format.BMP, (int) in.littleInt(18), Math.abs((int) in.littleInt(22)));
    }
    if (in.startsWith("II*\0", 0) || in.startsWith("MM\0*", 0)) {
      return tiff(in);
    }
    if (in.startsWith("P6", 0)) {
      int[] fields = PortablePixmap.fields(in.file());
      return new ImageHeader(Format.PPM, fields[0], fields[1]);
    }
    throw new BrokenImageException(
        Reason.UNKNOWN_FORMAT,
        "the content is not an image of a known format (JPEG, PNG, WebP, BMP, GIF, TIFF or PPM)");
  }

  /** Walks the marker segments up to the frame header (ITU-T T.81, annex B). */
  private static ImageHeader jpeg(Bytes in) {
    int at = 2;
    while (true) {
      if (in.u8(at) != 0xFF) {
        throw corrupt(Format.JPEG);
      }
      int marker = in.u8(at + 1);
      if (marker == 0xFF) {
        at++; // padding
      } else if (isFrame(marker)) {
        return new ImageHeader(Format.JPEG, in.bigShort(at + 7), in.bigShort(at + 5));
      } else if (marker == 0xD9 || marker == 0xDA) {
        throw corrupt(Format.JPEG);
      } else if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {
        at += 2; // markers without a segment
      } else {
        at += 2 + in.bigShort(at + 2);
      }
    }
  }

  private static boolean isFrame(int marker) {
    boolean tableOrExtension = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;
    return marker >= 0xC0 && marker <= 0xCF && !tableOrExtension;
  }

  private static ImageHeader webp(Bytes in) {
    if (in.startsWith("VP8 ", 12)) {
      return new ImageHeader(Format.WEBP, in.littleShort(26) & 0x3FFF, in.littleShort(28) & 0x3FFF);
    }
    if (in.startsWith("VP8L", 12)) {
      long bits = in.littleInt(21);
      return new ImageHeader(Format.WEBP, (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1);
    }
    if (in.startsWith("VP8X", 12)) {
      long width = in.littleShort(24) + ((long) in.u8(26) << 16) + 1;
      long height = in.littleShort(27) + ((long) in.u8(29) << 16) + 1;
      return new ImageHeader(Format.WEBP, width, height);
    }
    throw corrupt(Format.WEBP);
  }

  /** Finds width (tag 256) and height (tag 257) in the first directory. */
  private static ImageHeader tiff(Bytes in) {
    boolean little = in.u8(0) == 'I';
    long directory = little ? in.littleInt(4) : in.bigInt(4);
    int at = Math.toIntExact(Math.min(directory, Integer.MAX_VALUE / 2));
    int entries = little ? in.littleShort(at) : in.bigShort(at);
    long width = 0;
    long height = 0;
    for (int i = 0; i < entries; i++) {
      int entry = at + 2 + 12 * i;
      int tag = little ? in.littleShort(entry) : in.bigShort(entry);
      int type = little ? in.littleShort(entry + 2) : in.bigShort(entry + 2);
      long value;
      if (type == 3) {
        value = little ? in.littleShort(entry + 8) : in.bigShort(entry + 8);
      } else {
        value = little ? in.littleInt(entry + 8) : in.bigInt(entry + 8);
      }
      width = tag == 256 ? value : width;
      height = tag == 257 ? value : height;
    }
    return new ImageHeader(Format.TIFF, width, height);
  }

  private static int side(Format format, long pixels) {
    if (pixels < 1 || pixels > Integer.MAX_VALUE) {
      throw corrupt(format);
    }
    return (int) pixels;
  }

  private static BrokenImageException corrupt(Format format) {
    return new BrokenImageException(Reason.CORRUPT, "the " + format + " header is damaged");
  }

  /** Reads of unsigned numbers; every read beyond the end throws IndexOutOfBoundsException. */
  private static final class Bytes {
    private final byte[] file;

    Bytes(byte[] file) {
      this.file = file;
    }

    byte[] file() {
      return file;
    }

    boolean startsWith(String latin1, int at) {
      byte[] magic = latin1.getBytes(StandardCharsets.ISO_8859_1);
      return file.length >= at + magic.length
          && Arrays.equals(file, at, at + magic.length, magic, 0, magic.length);
    }

    int u8(int at) {
      return file[at] & 0xFF;
    }

    int bigShort(int at) {
      return u8(at) << 8 | u8(at + 1);
    }

    int littleShort(int at) {
      return u8(at) | u8(at + 1) << 8;
    }

    long bigInt(int at) {
      return (long) bigShort(at) << 16 | bigShort(at + 2);
    }

    long littleInt(int at) {
      return littleShort(at) | (long) littleShort(at + 2) << 16;
    }
  }
}
