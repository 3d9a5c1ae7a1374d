package org.efficienttrain.images.pixel;

import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageException;

/**
 * From the bytes of a file to RGB pixels, as the training tools of the field read them (Pillow's
 * {@code convert("RGB")}): the content decides the format; the orientation tag is ignored; alpha is
 * dropped, not blended; gray is repeated; CMYK is taken as Adobe stores it; 16-bit gray is clipped.
 *
 * <p>A file is walked over before a pixel is decoded (see {@link ImageHeader}), so that a small one
 * cannot claim gigabytes or hours. A JPEG that ends early is broken, not gray below the break. What
 * all threads decode at once has a budget of memory; an image that does not fit the memory at hand
 * is broken like any other.
 *
 * @param maxPixels most pixels an image may have
 */
public record ImageDecoder(long maxPixels) {
  /**
   * Pillow's limit, above which it refuses an image; the system property {@code
   * efficienttrain.maxPixels} sets another.
   */
  public static final long DEFAULT_MAX_PIXELS =
      Math.max(1, Long.getLong("efficienttrain.maxPixels", 178_956_970));

  /** Pixels that fit into one Java array. */
  private static final long MOST_PIXELS = (Integer.MAX_VALUE - 8) / Image.CHANNELS;

  public ImageDecoder {
    if (maxPixels < 1) {
      throw new ImageException("the pixel limit must be positive, not " + maxPixels);
    }
  }

  /** One with Pillow's limit of pixels, or the one that the system property sets. */
  public ImageDecoder() {
    this(DEFAULT_MAX_PIXELS);
  }

  /**
   * Reads format and size, and checks that the file can be what it says.
   *
   * @throws BrokenImageException when this is no sound image, or one of more than {@code maxPixels}
   */
  public ImageHeader header(byte[] file) {
    ImageHeader header = ImageHeader.read(file);
    long limit = Math.min(maxPixels, MOST_PIXELS);
    if (header.pixels() > limit) {
      throw new BrokenImageException(
          Reason.TOO_LARGE,
          "the image has %d x %d pixels, more than the limit of %d"
              .formatted(header.width(), header.height(), limit));
    }
    return header;
  }

  /**
   * Whether an image that can be decoded is damaged all the same: of a baseline JPEG whose coded
   * data are in error, every decoder makes up the rest, and libjpeg says so without a name.
   *
   * @param header of this file
   */
  public static boolean isDamaged(byte[] file, ImageHeader header) {
    return header.format() == ImageHeader.Format.JPEG && JpegCut.isDamaged(file);
  }

  /**
   * Decodes at full size.
   *
   * @throws BrokenImageException when the bytes are not a usable image
   */
  public Image decode(byte[] file) {
    return decode(file, header(file), 1);
  }

  /**
   * Decodes whole, a JPEG at a fraction of its size: its blocks are transformed back at 4, 2 or 1
   * pixels instead of 8, which is exact antialiasing at a fraction of the time.
   *
   * @param reduction 1, 2, 4 or 8; must be 1 for other formats than JPEG. The sides of the result
   *     are those of the image divided by it, rounded up.
   * @throws BrokenImageException when the bytes are not a usable image
   */
  public Image decode(byte[] file, ImageHeader header, int reduction) {
    return DecodeMemory.SHARED.decode(
        header,
        memory(header, reduction),
        () -> decodeRows(file, header, reduction, 0, reduced(header.height(), reduction)));
  }

  /** Bytes that decoding takes: coefficients of a JPEG are kept whole. */
  private static long memory(ImageHeader header, int reduction) {
    int whole = header.bytesPerPixel() - 2 * Image.CHANNELS;
    long result = header.pixels() / ((long) reduction * reduction) * 2 * Image.CHANNELS;
    return header.pixels() * whole + result;
  }

  private static Image decodeRows(
      byte[] file, ImageHeader header, int reduction, int top, int rows) {
    int width = reduced(header.width(), reduction);
    int height = reduced(header.height(), reduction);
    if (header.format() == ImageHeader.Format.PPM) {
      return PixelOps.cut(PortablePixmap.decode(file), 0, top, width, rows);
    }
    byte[] needed =
        switch (header.format()) {
          case PNG -> PngFile.needed(file);
          case GIF -> GifFile.firstImage(file);
          case TIFF -> TiffFile.withStoredColours(file);
          default -> file;
        };
    if (header.sixteenBitGray()) {
      return PixelOps.cut(OpenCv.decodeSixteenBitGray(needed, width, height), 0, top, width, rows);
    }
    return OpenCv.decode(needed, reduction, width, height, top, rows);
  }

  private static int reduced(int side, int reduction) {
    return (side + reduction - 1) / reduction;
  }

  /**
   * Decodes a region and resizes it to a square. A JPEG is decoded at the smallest of the scales
   * 1/1, 1/2, 1/4, 1/8 at which the region still has at least as many pixels as the square, each
   * way; at 1/1 the result is Pillow's of cutting and then resizing.
   *
   * @param region in pixels of the full image
   * @param side of the square
   * @param mirror whether to flip the result left to right
   * @return {@code side} x {@code side} pixels
   * @throws BrokenImageException when the bytes are not a usable image
   */
  public Image decodeResized(
      byte[] file,
      ImageHeader header,
      Region region,
      int side,
      Interpolation filter,
      boolean mirror) {
    if (header.format() != ImageHeader.Format.JPEG) {
      return decodeResized(file, header, region, 1, side, filter, mirror);
    }
    int reduction = reduction(region, side);
    JpegCut cut = JpegCut.of(file, region, reduction);
    return cut == null
        ? decodeResized(file, header, region, reduction, side, filter, mirror)
        : decodeResized(
            cut.file(),
            header.withSize(cut.width(), cut.height()),
            cut.region(),
            reduction,
            side,
            filter,
            mirror);
  }

  private static Image decodeResized(
      byte[] file,
      ImageHeader header,
      Region region,
      int reduction,
      int side,
      Interpolation filter,
      boolean mirror) {
    int left = region.x() / reduction;
    int top = region.y() / reduction;
    int width = reduced(region.x() + region.width(), reduction) - left;
    int height = reduced(region.y() + region.height(), reduction) - top;
    Image rows =
        DecodeMemory.SHARED.decode(
            header,
            memory(header, reduction),
            () -> decodeRows(file, header, reduction, top, height));
    Region surrounding = new Region(left, 0, width, height);
    if (reduction == 1) {
      return Resampler.resize(rows, surrounding, side, side, filter, mirror);
    }
    return Resampler.resizeWithin(
        rows,
        surrounding,
        (double) region.x() / reduction - left,
        (double) region.y() / reduction - top,
        (double) region.width() / reduction,
        (double) region.height() / reduction,
        side,
        filter,
        mirror);
  }

  /** The largest of 1, 2, 4 and 8 by which the region can be divided and still cover the side. */
  private static int reduction(Region region, int side) {
    int smaller = Math.min(region.width(), region.height());
    int reduction = 1;
    while (reduction < 8 && smaller / (2 * reduction) >= side) {
      reduction *= 2;
    }
    return reduction;
  }
}
