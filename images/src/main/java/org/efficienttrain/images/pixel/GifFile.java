package org.efficienttrain.images.pixel;

import java.util.Arrays;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.pixel.ImageHeader.Format;

/**
 * The blocks of a GIF (version 89a) up to the end of its first image, which is the one that counts.
 */
final class GifFile {
  private static final int SCREEN = 13;
  private static final int EXTENSION = 0x21;
  private static final int GRAPHIC_CONTROL = 0xF9;
  private static final int IMAGE = 0x2C;
  private static final int TRAILER = 0x3B;

  /** The longest string that LZW knows has 3,838 pixels, in a code of 12 bits. */
  static final int LZW = 2560;

  private GifFile() {}

  static ImageHeader read(FileBytes in) {
    int width = in.littleShort(6);
    int height = in.littleShort(8);
    ImageHeader header = ImageHeader.of(Format.GIF, width, height);
    int at = image(in);
    int frameWidth = in.littleShort(at + 5);
    int frameHeight = in.littleShort(at + 7);
    boolean within =
        frameWidth >= 1
            && frameHeight >= 1
            && in.littleShort(at + 1) + frameWidth <= width
            && in.littleShort(at + 3) + frameHeight <= height;
    if (!within) {
      throw FileBytes.corrupt(Format.GIF, "image does not lie within its screen");
    }
    int data = data(in, at);
    int bytes = end(in, data) - data;
    long pixels = (long) frameWidth * frameHeight;
    if (pixels > (long) bytes * LZW) {
      throw FileBytes.tooFew(Format.GIF, frameWidth, frameHeight, bytes);
    }
    in.checkHolds(Format.GIF, width, height, bytes, LZW);
    return header;
  }

  /** The same without what follows the first image, and with no transparent colour. */
  static byte[] firstImage(byte[] file) {
    FileBytes in = new FileBytes(file);
    int image = image(in);
    int end = end(in, data(in, image));
    byte[] first = Arrays.copyOf(file, end + 1);
    first[end] = TRAILER;
    for (int at = extensions(in); at < image; at = end(in, at + 2)) {
      if (in.u8(at + 1) == GRAPHIC_CONTROL && in.u8(at + 2) == 4) {
        first[at + 3] &= ~1;
      }
    }
    return first;
  }

  /** Where the blocks behind the screen's colours begin. */
  private static int extensions(FileBytes in) {
    return SCREEN + colours(in.u8(10));
  }

  /** Where the first image begins. */
  private static int image(FileBytes in) {
    int at = extensions(in);
    while (in.u8(at) == EXTENSION) {
      at = end(in, at + 2);
    }
    if (in.u8(at) != IMAGE) {
      throw FileBytes.corrupt(Format.GIF, "data hold no image");
    }
    return at;
  }

  /** Where the data of an image begin. */
  private static int data(FileBytes in, int image) {
    return image + 10 + colours(in.u8(image + 9)) + 1;
  }

  /** Bytes of a table of colours, as the flags before it say. */
  private static int colours(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }

  /** Behind a row of blocks that each begin with their length. */
  private static int end(FileBytes in, int from) {
    int at = from;
    while (at < in.length() && in.u8(at) != 0) {
      at += 1 + in.u8(at);
    }
    if (at >= in.length()) {
      throw new BrokenImageException(Reason.TRUNCATED, "the GIF data end early");
    }
    return at + 1;
  }
}
