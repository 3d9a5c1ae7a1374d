package org.efficienttrain.images.dataset;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.BrokenImageException.Reason;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;

/** Opens a packed dataset, see {@link PackFormat}, mapped into memory window by window. */
final class PackedDataset {
  /** Windows begin at multiples of this; each reaches over the next one's start, see below. */
  private static final long WINDOW = 1L << 30;

  private PackedDataset() {}

  static ImageDataset open(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return open(file, channel);
    } catch (IOException e) {
      throw ClassFolders.cannotRead(file, e);
    }
  }

  private static ImageDataset open(Path file, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < PackFormat.HEADER_BYTES) {
      throw truncated(file, size, PackFormat.HEADER_BYTES);
    }
    ByteBuffer header = read(channel, 0, PackFormat.HEADER_BYTES);
    byte[] magic = new byte[PackFormat.MAGIC.length];
    header.get(magic);
    if (!Arrays.equals(magic, PackFormat.MAGIC)) {
      throw new ImageException(file + " is not a packed dataset");
    }
    int version = header.getInt();
    if (version != PackFormat.VERSION) {
      throw new ImageException(
          "%s is a packed dataset of version %d, this program reads version %d: pack it again"
              .formatted(file, version, PackFormat.VERSION));
    }
    int samples = header.getInt();
    long indexOffset = header.getLong();
    long indexLength = header.getLong();
    int indexChecksum = header.getInt();
    if (header.getInt() != PackFormat.checksum(header.slice(0, PackFormat.HEADER_BYTES - 4))) {
      throw damaged(file, "header");
    }
    if (indexOffset < PackFormat.HEADER_BYTES
        || indexLength < 0
        || indexLength > Integer.MAX_VALUE
        || samples < 0
        || samples > indexLength / PackFormat.SMALLEST_ENTRY_BYTES) {
      throw damaged(file, "header");
    }
    if (size != indexOffset + indexLength) {
      throw truncated(file, size, indexOffset + indexLength);
    }
    ByteBuffer index = read(channel, indexOffset, (int) indexLength);
    if (PackFormat.checksum(index) != indexChecksum) {
      throw damaged(file, "index");
    }
    int[] checksums = new int[samples];
    SampleTable table = parse(file, index, indexOffset, checksums);
    List<MappedByteBuffer> windows = map(channel, indexOffset);
    return new IndexedDataset(
        table, (t, i) -> read(windows, t.offset(i), t.length(i), checksums[i]));
  }

  private static SampleTable parse(Path file, ByteBuffer index, long dataEnd, int[] checksums) {
    try {
      List<String> classes = new ArrayList<>();
      for (int remaining = index.getInt(); remaining > 0; remaining--) {
        classes.add(name(index));
      }
      SampleTable.Builder samples = new SampleTable.Builder();
      for (int i = 0; i < checksums.length; i++) {
        long offset = index.getLong();
        int length = index.getInt();
        int label = index.getInt();
        checksums[i] = index.getInt();
        if (offset < PackFormat.HEADER_BYTES || length < 0 || offset > dataEnd - length) {
          throw damaged(file, "index");
        }
        samples.add(name(index), label, 0, offset, length);
      }
      return samples.build(classes, file.toString());
    } catch (BufferUnderflowException e) {
      throw damaged(file, "index");
    }
  }

  private static String name(ByteBuffer index) {
    byte[] bytes = new byte[Short.toUnsignedInt(index.getShort())];
    index.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** A window holds every sample that begins in it, since no sample is longer than 1 GiB. */
  private static List<MappedByteBuffer> map(FileChannel channel, long end) throws IOException {
    List<MappedByteBuffer> windows = new ArrayList<>();
    for (long start = 0; start < end; start += WINDOW) {
      long length = Math.min(end - start, 2 * WINDOW - 1);
      windows.add(channel.map(FileChannel.MapMode.READ_ONLY, start, length));
    }
    return windows;
  }

  private static byte[] read(
      List<MappedByteBuffer> windows, long offset, int length, int checksum) {
    byte[] file = new byte[length];
    windows.get((int) (offset / WINDOW)).get((int) (offset % WINDOW), file);
    if (PackFormat.checksum(file) != checksum) {
      throw new BrokenImageException(
          Reason.CORRUPT, "the packed bytes do not match their checksum");
    }
    return file;
  }

  private static ByteBuffer read(FileChannel channel, long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, offset + bytes.position()) < 0) {
        throw new IOException("it ended while being read");
      }
    }
    return bytes.flip();
  }

  private static ImageException truncated(Path file, long actual, long expected) {
    return new ImageException(
        "%s is truncated or has something appended: it has %d bytes and should have %d: copy or pack it again"
            .formatted(file, actual, expected));
  }

  private static ImageException damaged(Path file, String part) {
    return new ImageException(
        "%s has a damaged %s (its checksum does not match): copy or pack it again"
            .formatted(file, part));
  }
}
