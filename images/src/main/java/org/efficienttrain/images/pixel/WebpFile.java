package org.efficienttrain.images.pixel;

import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.pixel.ImageHeader.Format;

/** The chunks of a WebP file (RFC 9649). */
final class WebpFile {
  private static final int CHUNKS = 12;

  /**
   * Even a block without coefficients, of 256 pixels, has its two modes, of 3.3 bits at least (RFC
   * 6386, section 11.2).
   */
  private static final int LOSSY = 640;

  /**
   * Lossless data have no bound, since a picture of one colour needs no bit for a pixel. This is
   * more than drawings of many megapixels reach.
   */
  private static final int LOSSLESS = 10_000;

  private WebpFile() {}

  static ImageHeader read(FileBytes in) {
    ImageHeader header = header(in);
    int end = in.end(Format.WEBP, "content", 8, in.littleInt(4));
    int image = image(in, CHUNKS, end);
    if (image >= 0 && in.startsWith("ANMF", image)) {
      image = image(in, image + 24, image + 8 + (int) in.littleInt(image + 4));
    }
    if (image < 0) {
      throw new BrokenImageException(Reason.TRUNCATED, "the WEBP file ends before its image");
    }
    int most = in.startsWith("VP8L", image) ? LOSSLESS : LOSSY;
    long bytes = in.littleInt(image + 4);
    in.checkHolds(Format.WEBP, header.width(), header.height(), bytes, most);
    return header;
  }

  private static ImageHeader header(FileBytes in) {
    if (in.startsWith("VP8 ", CHUNKS)) {
      return ImageHeader.of(Format.WEBP, in.littleShort(26) & 0x3FFF, in.littleShort(28) & 0x3FFF);
    }
    if (in.startsWith("VP8L", CHUNKS)) {
      long bits = in.littleInt(21);
      return ImageHeader.of(Format.WEBP, (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1);
    }
    if (in.startsWith("VP8X", CHUNKS)) {
      long width = in.littleShort(24) + ((long) in.u8(26) << 16) + 1;
      long height = in.littleShort(27) + ((long) in.u8(29) << 16) + 1;
      return ImageHeader.of(Format.WEBP, width, height);
    }
    throw FileBytes.corrupt(Format.WEBP, "header is damaged");
  }

  /**
   * Walks over all chunks.
   *
   * @return where the first one that holds an image or a frame begins, or -1
   */
  private static int image(FileBytes in, int from, int to) {
    int image = -1;
    int at = from;
    while (at + 8 <= to) {
      long length = in.littleInt(at + 4);
      int end = in.endOfChunk(Format.WEBP, at, at + 8L, length);
      boolean holds =
          in.startsWith("VP8 ", at) || in.startsWith("VP8L", at) || in.startsWith("ANMF", at);
      if (holds && image < 0) {
        image = at;
      }
      at = end + (end & 1);
    }
    return image;
  }
}
