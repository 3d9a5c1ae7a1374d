package org.efficienttrain.images.pixel;

import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;

/**
 * Format and size of an encoded image, read before any pixel is. The content decides, not the name:
 * a PNG called {@code .jpg} is a PNG. Whatever lengths the file claims are compared with the file,
 * and its size with what so many bytes can hold at most, so that a decoder may trust them.
 *
 * @param format what the content is
 * @param width pixels, at least 1
 * @param height pixels, at least 1
 * @param sixteenBitGray whether the file is a PNG with one channel of 16 bits
 * @param bytesPerPixel memory that decoding needs for each pixel, the result included
 */
public record ImageHeader(
    Format format, int width, int height, boolean sixteenBitGray, int bytesPerPixel) {

  /** The formats that can be decoded. */
  public enum Format {
    JPEG(6),
    PNG(6),
    WEBP(14),
    BMP(6),
    GIF(14),
    TIFF(12),
    PPM(3);

    private final int bytesPerPixel;

    Format(int bytesPerPixel) {
      this.bytesPerPixel = bytesPerPixel;
    }
  }

  /**
   * A header without peculiarities.
   *
   * @throws BrokenImageException when a side is no positive number of 31 bits
   */
  static ImageHeader of(Format format, long width, long height) {
    if (Math.min(width, height) < 1 || Math.max(width, height) > Integer.MAX_VALUE) {
      throw FileBytes.corrupt(format, "header is damaged");
    }
    return new ImageHeader(format, (int) width, (int) height, false, format.bytesPerPixel);
  }

  /** The same format at another size. */
  ImageHeader withSize(int newWidth, int newHeight) {
    return new ImageHeader(format, newWidth, newHeight, sixteenBitGray, bytesPerPixel);
  }

  ImageHeader withSixteenBitGray(boolean value) {
    return new ImageHeader(format, width, height, value, bytesPerPixel);
  }

  ImageHeader withBytesPerPixel(int value) {
    return new ImageHeader(format, width, height, sixteenBitGray, value);
  }

  /** Pixels in the image. */
  public long pixels() {
    return (long) width * height;
  }

  /**
   * Reads the header of an encoded image and walks over its parts.
   *
   * @throws BrokenImageException when the bytes are empty, of no known format, end early, or say
   *     what cannot be
   */
  public static ImageHeader read(byte[] file) {
    if (file.length == 0) {
      throw new BrokenImageException(Reason.EMPTY, "the file is empty");
    }
    try {
      return parse(new FileBytes(file));
    } catch (IndexOutOfBoundsException e) {
      throw new BrokenImageException(Reason.TRUNCATED, "the file ends within its headers", e);
    }
  }

  private static ImageHeader parse(FileBytes in) {
    if (in.startsWith("\u00FF\u00D8\u00FF", 0)) {
      return JpegFile.read(in);
    }
    if (in.startsWith("\u0089PNG\r\n\u001A\n", 0)) {
      return PngFile.read(in);
    }
    if (in.startsWith("RIFF", 0) && in.startsWith("WEBP", 8)) {
      return WebpFile.read(in);
    }
    if (in.startsWith("GIF87a", 0) || in.startsWith("GIF89a", 0)) {
      return GifFile.read(in);
    }
    if (in.startsWith("BM", 0)) {
      return BmpFile.read(in);
    }
    if (in.startsWith("II*\0", 0) || in.startsWith("MM\0*", 0)) {
      return TiffFile.read(in);
    }
    if (in.startsWith("P6", 0)) {
      int[] fields = PortablePixmap.fields(in.file());
      return of(Format.PPM, fields[0], fields[1]);
    }
    throw new BrokenImageException(
        Reason.UNKNOWN_FORMAT,
        "the content is not an image of a known format (JPEG, PNG, WebP, BMP, GIF, TIFF or PPM)");
  }
}
