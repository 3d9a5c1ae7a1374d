package org.efficienttrain.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Directory of a zip archive whose entries are stored and not compressed, as PyTorch writes them.
 *
 * <p>The JDK's own reader does not tell where in the file an entry lies, which memory-mapping
 * needs. Entry names are keys here and never paths. Zip64 is understood. Refused: compressed or
 * encrypted entries (so nothing can grow beyond the file), entries that claim more bytes together
 * than the file has (so entries cannot share bytes), duplicate names.
 */
final class StoredZip {
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int END_SIZE = 22;
  private static final int MAX_COMMENT = 0xffff;
  private static final int END64_LOCATOR_SIGNATURE = 0x07064b50;
  private static final int END64_LOCATOR_SIZE = 20;
  private static final int END64_SIGNATURE = 0x06064b50;
  private static final int END64_SIZE = 56;
  private static final int CENTRAL_SIGNATURE = 0x02014b50;
  private static final int CENTRAL_SIZE = 46;
  private static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int LOCAL_SIZE = 30;
  private static final int ENCRYPTED_FLAG = 1;
  private static final long MAX_32 = 0xffffffffL;

  /** Ten times what the largest published checkpoints need; keeps the directory in memory small. */
  private static final long MAX_DIRECTORY = 64L << 20;

  private final Path path;
  private final FileRegion file;
  private final Map<String, Storage> entries = new LinkedHashMap<>();

  private StoredZip(Path path, FileRegion file) {
    this.path = path;
    this.file = file;
  }

  /** Reads and checks the directory; the entries by name, in its order. */
  static Map<String, Storage> read(Path path, FileChannel channel) throws IOException {
    StoredZip zip = new StoredZip(path, FileRegion.all(channel));
    zip.readDirectory();
    return zip.entries;
  }

  /** Where the central directory lies. */
  private record Directory(long offset, long size) {}

  private void readDirectory() throws IOException {
    Directory directory = findDirectory();
    if (directory.offset() < 0
        || directory.size() < 0
        || directory.offset() > file.length() - directory.size()) {
      throw Faults.damaged(path, "its zip directory lies outside the file");
    }
    if (directory.size() > MAX_DIRECTORY) {
      throw Faults.refused(
          path, "has a zip directory of " + directory.size() + " bytes, more than 64 MB");
    }
    ByteBuffer central = file.bytes(directory.offset(), directory.size());
    long claimed = 0;
    while (central.hasRemaining()) {
      claimed += readCentralHeader(central, directory.offset());
      if (claimed > file.length()) {
        throw Faults.damaged(path, "its zip entries claim more bytes than the file has");
      }
    }
  }

  private Directory findDirectory() throws IOException {
    long tailSize = Math.min(file.length(), END_SIZE + MAX_COMMENT);
    long tailStart = file.length() - tailSize;
    ByteBuffer tail = file.bytes(tailStart, tailSize);
    for (int at = (int) tailSize - END_SIZE; at >= 0; at--) {
      // The comment must end with the file, else the signature is a chance pattern in a comment.
      if (tail.getInt(at) == END_SIGNATURE
          && at + END_SIZE + (tail.getShort(at + 20) & 0xffff) == tailSize) {
        long size = tail.getInt(at + 12) & MAX_32;
        long offset = tail.getInt(at + 16) & MAX_32;
        boolean zip64 =
            size == MAX_32 || offset == MAX_32 || (tail.getShort(at + 10) & 0xffff) == 0xffff;
        return zip64 ? findDirectory64(tailStart + at) : new Directory(offset, size);
      }
    }
    throw Faults.damaged(path, "the zip directory at its end is missing, so it was cut short");
  }

  private Directory findDirectory64(long endOffset) throws IOException {
    long locatorOffset = endOffset - END64_LOCATOR_SIZE;
    if (locatorOffset >= 0) {
      ByteBuffer locator = file.bytes(locatorOffset, END64_LOCATOR_SIZE);
      long end64 = locator.getLong(8);
      if (locator.getInt(0) == END64_LOCATOR_SIGNATURE
          && end64 >= 0
          && end64 <= locatorOffset - END64_SIZE) {
        ByteBuffer record = file.bytes(end64, END64_SIZE);
        if (record.getInt(0) == END64_SIGNATURE) {
          return new Directory(record.getLong(48), record.getLong(40));
        }
      }
    }
    throw Faults.damaged(path, "its zip64 directory is missing");
  }

  /** Reads one header of the directory and returns the number of bytes that its entry takes. */
  private long readCentralHeader(ByteBuffer central, long directoryOffset) throws IOException {
    if (central.remaining() < CENTRAL_SIZE
        || central.getInt(central.position()) != CENTRAL_SIGNATURE) {
      throw Faults.damaged(path, "its zip directory is garbled");
    }
    int at = central.position();
    int flags = central.getShort(at + 8) & 0xffff;
    int method = central.getShort(at + 10) & 0xffff;
    long crc = central.getInt(at + 16) & MAX_32;
    int nameSize = central.getShort(at + 28) & 0xffff;
    int extraSize = central.getShort(at + 30) & 0xffff;
    int commentSize = central.getShort(at + 32) & 0xffff;
    int headerSize = CENTRAL_SIZE + nameSize + extraSize + commentSize;
    if (central.remaining() < headerSize) {
      throw Faults.damaged(path, "its zip directory is garbled");
    }
    byte[] nameBytes = new byte[nameSize];
    central.get(at + CENTRAL_SIZE, nameBytes);
    String name = new String(nameBytes, StandardCharsets.UTF_8);
    if (name.contains("/code/__torch__")) {
      throw Faults.refused(path, PickleGlobals.TORCHSCRIPT);
    }
    if (method != 0 || (flags & ENCRYPTED_FLAG) != 0) {
      throw Faults.refused(
          path,
          "has the compressed or encrypted zip entry "
              + Faults.quote(name)
              + ", which PyTorch never writes; save it again with torch.save");
    }
    Sizes sizes = Sizes.read(central, at).widen(central, at + CENTRAL_SIZE + nameSize, extraSize);
    if (sizes.compressed() != sizes.plain()) {
      throw Faults.damaged(path, "the sizes of its zip entry " + Faults.quote(name) + " disagree");
    }
    FileRegion data = locate(name, nameBytes, sizes, directoryOffset);
    // Zero stands for none: torch.serialization.set_crc32_options(False) leaves the field empty.
    if (entries.put(name, new Storage(data, crc == 0 ? null : crc)) != null) {
      throw Faults.damaged(path, "its zip entry " + Faults.quote(name) + " is there twice");
    }
    central.position(at + headerSize);
    return data.length();
  }

  /** The three fields that zip64 moves into the extra field when they do not fit 32 bits. */
  private record Sizes(long plain, long compressed, long localOffset) {
    private static final int ZIP64_EXTRA = 1;

    static Sizes read(ByteBuffer central, int at) {
      return new Sizes(
          central.getInt(at + 24) & MAX_32,
          central.getInt(at + 20) & MAX_32,
          central.getInt(at + 42) & MAX_32);
    }

    /** Replaces those that are all ones by the values of the zip64 extra field, in its order. */
    Sizes widen(ByteBuffer central, int extraStart, int extraSize) {
      int at = extraStart;
      int end = extraStart + extraSize;
      while (at + 4 <= end) {
        int size = central.getShort(at + 2) & 0xffff;
        if (central.getShort(at) == ZIP64_EXTRA && at + 4 + size <= end) {
          ByteBuffer wide = central.duplicate().order(central.order()).position(at + 4);
          wide.limit(at + 4 + size);
          return new Sizes(widen(plain, wide), widen(compressed, wide), widen(localOffset, wide));
        }
        at += 4 + size;
      }
      return this;
    }

    private static long widen(long value, ByteBuffer wide) {
      return value == MAX_32 && wide.remaining() >= Long.BYTES ? wide.getLong() : value;
    }
  }

  /** The entry's bytes: they follow the local header, whose extra field has a length of its own. */
  private FileRegion locate(String name, byte[] nameBytes, Sizes sizes, long directoryOffset)
      throws IOException {
    long local = sizes.localOffset();
    String outside = "its zip entry " + Faults.quote(name) + " lies outside the file";
    if (local < 0 || sizes.plain() < 0 || local > directoryOffset - LOCAL_SIZE) {
      throw Faults.damaged(path, outside);
    }
    int nameSize = nameBytes.length;
    ByteBuffer header = file.bytes(local, Math.min(LOCAL_SIZE + nameSize, directoryOffset - local));
    if (header.getInt(0) != LOCAL_SIGNATURE
        || (header.getShort(26) & 0xffff) != nameSize
        || header.remaining() != LOCAL_SIZE + nameSize
        || !header.slice(LOCAL_SIZE, nameSize).equals(ByteBuffer.wrap(nameBytes))) {
      throw Faults.damaged(path, "the header of its zip entry " + Faults.quote(name) + " is wrong");
    }
    long start = local + LOCAL_SIZE + nameSize + (header.getShort(28) & 0xffff);
    if (start > directoryOffset - sizes.plain()) {
      throw Faults.damaged(path, outside);
    }
    return new FileRegion(file.channel(), start, sizes.plain());
  }
}
