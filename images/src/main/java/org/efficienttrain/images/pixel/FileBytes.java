package org.efficienttrain.images.pixel;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.pixel.ImageHeader.Format;

/**
 * An image file as unsigned numbers. Every read beyond the end throws {@link
 * IndexOutOfBoundsException}, which {@link ImageHeader#read} takes for a file that ends early.
 */
final class FileBytes {
  /**
   * Pixels that any file may claim, however few its bytes: as many as cost no more memory than the
   * decoder has anyway.
   */
  private static final long FREE_PIXELS = 4 << 20;

  private final byte[] file;

  FileBytes(byte[] file) {
    this.file = file;
  }

  byte[] file() {
    return file;
  }

  int length() {
    return file.length;
  }

  boolean startsWith(String latin1, int at) {
    byte[] magic = latin1.getBytes(StandardCharsets.ISO_8859_1);
    return file.length >= at + magic.length
        && Arrays.equals(file, at, at + magic.length, magic, 0, magic.length);
  }

  /** Four characters, for messages; what cannot be printed becomes a question mark. */
  String name(int at) {
    String name = new String(file, at, 4, StandardCharsets.ISO_8859_1);
    return name.replaceAll("[^\\x20-\\x7e]", "?").strip();
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

  /**
   * The end of a part of the file.
   *
   * @param what the part, for people
   * @throws BrokenImageException when it lies beyond the end of the file
   */
  int end(Format format, String what, long from, long length) {
    if (!reaches(from, length)) {
      throw beyond(format, what, from, length);
    }
    return (int) (from + length);
  }

  /** As {@link #end}, of a chunk whose name lies at a place. */
  int endOfChunk(Format format, int name, long from, long length) {
    if (!reaches(from, length)) {
      throw beyond(format, "chunk " + name(name), from, length);
    }
    return (int) (from + length);
  }

  private boolean reaches(long from, long length) {
    return from <= file.length && length <= file.length - from;
  }

  private BrokenImageException beyond(Format format, String what, long from, long length) {
    return new BrokenImageException(
        Reason.TRUNCATED,
        "the %s %s should have %d bytes, but the file has %d from there on"
            .formatted(format, what, length, Math.max(0, file.length - from)));
  }

  /**
   * Refuses more pixels than these bytes can hold.
   *
   * @param bytes of compressed data
   * @param pixelsPerByte most that the format can make of one
   */
  void checkHolds(Format format, long width, long height, long bytes, long pixelsPerByte) {
    if (width * height > Math.max(FREE_PIXELS, bytes * pixelsPerByte)) {
      throw tooFew(format, width, height, bytes);
    }
  }

  /** What is said of data that cannot be all. */
  static BrokenImageException tooFew(Format format, long width, long height, long bytes) {
    return new BrokenImageException(
        Reason.TRUNCATED,
        "%d bytes of %s data cannot hold %d x %d pixels: most of them are missing"
            .formatted(bytes, format, width, height));
  }

  static BrokenImageException corrupt(Format format, String what) {
    return new BrokenImageException(Reason.CORRUPT, "the " + format + " " + what);
  }
}
