package org.efficienttrain.images.pixel;

import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.pixel.ImageHeader.Format;

/** The headers of a Windows bitmap, and whether its data are there. */
final class BmpFile {
  private static final int CORE_HEADER = 12;
  private static final int RUNS_OF_BYTES = 1;
  private static final int RUNS_OF_HALF_BYTES = 2;

  /** The longest run has 255 pixels in two bytes. */
  private static final int RUNS = 128;

  private BmpFile() {}

  static ImageHeader read(FileBytes in) {
    boolean core = in.littleInt(14) == CORE_HEADER;
    // A negative height means rows from top to bottom.
    ImageHeader header =
        core
            ? ImageHeader.of(Format.BMP, in.littleShort(18), in.littleShort(20))
            : ImageHeader.of(
                Format.BMP, signed(in.littleInt(18)), Math.abs(signed(in.littleInt(22))));
    int bits = in.littleShort(core ? 24 : 28);
    long compression = core ? 0 : in.littleInt(30);
    int data = in.end(Format.BMP, "header", 0, in.littleInt(10));
    long there = (long) in.length() - data;
    if (compression == RUNS_OF_BYTES || compression == RUNS_OF_HALF_BYTES) {
      in.checkHolds(Format.BMP, header.width(), header.height(), there, RUNS);
      return header;
    }
    long row = ((long) header.width() * bits + 31) / 32 * 4;
    long padding = row - ((long) header.width() * bits + 7) / 8;
    if (bits < 1 || bits > 32 || row * header.height() - padding > there) {
      throw new BrokenImageException(Reason.TRUNCATED, "the BMP data end early");
    }
    return header;
  }

  private static long signed(long unsigned) {
    return (int) unsigned;
  }
}
