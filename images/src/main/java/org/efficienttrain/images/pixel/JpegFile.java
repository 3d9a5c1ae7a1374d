package org.efficienttrain.images.pixel;

import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.pixel.ImageHeader.Format;

/**
 * The segments and scans of a JPEG (ITU-T T.81, annex B), walked before the decoder sees them: it
 * fills what is missing with gray and says nothing, and does every scan that there is.
 */
final class JpegFile {
  private static final int END_OF_IMAGE = 0xD9;
  private static final int START_OF_SCAN = 0xDA;

  /** The customary progression has 10 scans for colour; each costs a pass over all blocks. */
  private static final int MOST_SCANS = 100;

  /** Pixels that all scans together may pass over. */
  private static final long MOST_PASSED = 1L << 32;

  private static final int ALWAYS_ALLOWED = 20;

  private static final int MOST_COMPONENTS = 4;

  private final FileBytes in;

  /** Where the frame's segment begins, behind its length; 0 before it was met. */
  private int frame;

  private int frameMarker;

  private JpegFile(FileBytes in) {
    this.in = in;
  }

  static ImageHeader read(FileBytes in) {
    return new JpegFile(in).read();
  }

  private ImageHeader read() {
    int scan = segments(2);
    if (in.u8(scan + 1) != START_OF_SCAN || frame == 0) {
      throw FileBytes.corrupt(Format.JPEG, "header is damaged");
    }
    ImageHeader header =
        ImageHeader.of(Format.JPEG, in.bigShort(frame + 3), in.bigShort(frame + 1));
    boolean single = !isProgressive() && in.u8(scan + 4) == in.u8(frame + 5);
    int least = (int) Math.min(Integer.MAX_VALUE / 2, leastBytes());
    if (single) {
      int data = scan + 2 + in.bigShort(scan + 2);
      if (data > in.length() - least || endOfScan(data, data + least) < data + least) {
        throw missing();
      }
      checkEnd(data);
      return header;
    }
    if (scans(scan, mostScans(header)) < least) {
      throw missing();
    }
    // All coefficients are kept, as 16 bits, until the last scan.
    return header.withBytesPerPixel(header.bytesPerPixel() + 2 * in.u8(frame + 5));
  }

  private static long mostScans(ImageHeader header) {
    return Math.max(ALWAYS_ALLOWED, Math.min(MOST_SCANS, MOST_PASSED / header.pixels()));
  }

  private boolean isProgressive() {
    return (frameMarker & 3) == 2;
  }

  /** Goes to the next scan or the end of the image, over tables and the like. */
  private int segments(int from) {
    int at = from;
    while (true) {
      int marker = in.u8(at + 1);
      if (in.u8(at) != 0xFF) {
        throw FileBytes.corrupt(Format.JPEG, "header is damaged");
      }
      if (marker == END_OF_IMAGE) {
        return at;
      }
      if (marker == 0xFF) {
        at++; // padding
      } else if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {
        at += 2; // markers without a segment
      } else {
        int length = in.bigShort(at + 2);
        int end = in.end(Format.JPEG, "segment", at + 2L, length);
        if (marker == START_OF_SCAN) {
          return at;
        }
        if (isFrame(marker)) {
          checkFrame(at + 4, length - 2);
          frame = at + 4;
          frameMarker = marker;
        }
        at = Math.max(end, at + 4); // a length of 0 leads nowhere
      }
    }
  }

  private static boolean isFrame(int marker) {
    boolean tableOrExtension = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;
    return marker >= 0xC0 && marker <= 0xCF && !tableOrExtension;
  }

  private void checkFrame(int at, int length) {
    int components = in.u8(at + 5);
    boolean sound =
        frame == 0
            && components >= 1
            && components <= MOST_COMPONENTS
            && length >= 6 + 3 * components;
    for (int c = 0; sound && c < components; c++) {
      int across = in.u8(at + 7 + 3 * c) >> 4;
      int down = in.u8(at + 7 + 3 * c) & 0xF;
      sound = across >= 1 && across <= 4 && down >= 1 && down <= 4;
    }
    if (!sound) {
      throw FileBytes.corrupt(Format.JPEG, "header is damaged");
    }
  }

  /**
   * The fewest bytes of data that the image can have: a code has at least one bit, and a block at
   * least two codes, or one in its first scan where there are several. Arithmetic coding has no
   * such bound; half of this is allowed, which no photograph comes near.
   */
  private long leastBytes() {
    int widest = 1;
    int highest = 1;
    int components = in.u8(frame + 5);
    for (int c = 0; c < components; c++) {
      widest = Math.max(widest, in.u8(frame + 7 + 3 * c) >> 4);
      highest = Math.max(highest, in.u8(frame + 7 + 3 * c) & 0xF);
    }
    long blocks = 0; // of 8 x 8
    for (int c = 0; c < components; c++) {
      long across = (long) in.bigShort(frame + 3) * (in.u8(frame + 7 + 3 * c) >> 4);
      long down = (long) in.bigShort(frame + 1) * (in.u8(frame + 7 + 3 * c) & 0xF);
      blocks += units(across, 8L * widest) * units(down, 8L * highest);
    }
    long bits = blocks * (isProgressive() ? 1 : 2);
    boolean arithmetic = frameMarker >= 0xC8;
    return arithmetic ? bits / 16 : units(bits, 8);
  }

  private static long units(long pixels, long unit) {
    return (pixels + unit - 1) / unit;
  }

  /**
   * Walks over all scans to the end of the image.
   *
   * @param first where the first one begins
   * @param most how many there may be
   * @return bytes of their data
   */
  private long scans(int first, long most) {
    long bytes = 0;
    int count = 0;
    int at = first;
    while (in.u8(at + 1) == START_OF_SCAN) {
      if (++count > most) {
        throw FileBytes.corrupt(Format.JPEG, "data have more than " + most + " scans");
      }
      int data = at + 2 + in.bigShort(at + 2);
      int end = endOfScan(data, in.length());
      bytes += end - data;
      if (end >= in.length() - 1) {
        throw missing();
      }
      at = segments(end);
    }
    return bytes;
  }

  /** Refuses a file without an end marker behind the data of its only scan. */
  private void checkEnd(int data) {
    int last = in.length() - 2;
    if (in.u8(last) == 0xFF && in.u8(last + 1) == END_OF_IMAGE) {
      return; // the usual case
    }
    int at = endOfScan(data, in.length());
    if (at >= in.length() - 1 || in.u8(segmentsQuietly(at) + 1) != END_OF_IMAGE) {
      throw missing();
    }
  }

  /** As {@link #segments}, where anything but a marker means that the end is missing. */
  private int segmentsQuietly(int from) {
    try {
      return segments(from);
    } catch (BrokenImageException | IndexOutOfBoundsException e) {
      throw missing();
    }
  }

  /** The next marker that is neither a stuffed byte nor a restart, or {@code to}. */
  private int endOfScan(int from, int to) {
    byte[] file = in.file();
    int limit = Math.min(to, file.length - 1);
    for (int at = from; at < limit; at++) {
      if (file[at] == -1) {
        int next = file[at + 1] & 0xFF;
        if (next != 0 && next != 0xFF && (next & 0xF8) != 0xD0) {
          return at;
        }
      }
    }
    return to;
  }

  private static BrokenImageException missing() {
    return new BrokenImageException(Reason.TRUNCATED, "the JPEG data end early");
  }
}
