package org.efficienttrain.images.dataset;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.loader.BrokenFiles;
import org.efficienttrain.images.pixel.DecoderLines;

/**
 * Writes a dataset as one file that {@link Datasets} opens again: see {@link PackFormat}. The file
 * appears whole or not at all.
 */
public final class PackWriter {
  /** Samples that are read and recoded at a time, on all processors. */
  private static final int CHUNK = 256;

  private final FileChannel channel;
  private final ByteArrayOutputStream index = new ByteArrayOutputStream();
  private final DataOutputStream indexOut = new DataOutputStream(index);
  private long position = PackFormat.HEADER_BYTES;
  private int samples;

  private PackWriter(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Packs all sound samples of a dataset.
   *
   * @param recode from the encoded bytes of a sample to those that are stored; the identity keeps
   *     them
   * @return the samples that were left out because they are broken
   */
  public static BrokenFiles write(
      ImageDataset dataset, Path target, UnaryOperator<byte[]> recode, Progress progress) {
    BrokenFiles broken = new BrokenFiles();
    CacheFolder.writeAtomically(
        target,
        temporary -> {
          try (FileChannel channel =
              FileChannel.open(
                  temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            new PackWriter(channel).writeAll(dataset, recode, broken, progress);
          }
        });
    return broken;
  }

  private void writeAll(
      ImageDataset dataset, UnaryOperator<byte[]> recode, BrokenFiles broken, Progress progress)
      throws IOException {
    channel.position(position);
    putInt(dataset.classes().size());
    for (String name : dataset.classes()) {
      putName(name);
    }
    for (int start = 0; start < dataset.size(); start += CHUNK) {
      int first = start;
      byte[][] files = new byte[Math.min(CHUNK, dataset.size() - first)][];
      IntStream.range(0, files.length)
          .parallel()
          .forEach(i -> files[i] = readSound(dataset, first + i, recode, broken));
      for (int i = 0; i < files.length; i++) {
        if (files[i] != null) {
          append(dataset, first + i, files[i]);
        }
      }
      progress.update("packing", first + files.length, dataset.size());
    }
    if (samples == 0) {
      throw new ImageException("nothing to pack: not one of the images can be used");
    }
    ByteBuffer indexBytes = ByteBuffer.wrap(index.toByteArray());
    writeFully(indexBytes.duplicate());
    channel.position(0);
    writeFully(PackFormat.header(samples, position, indexBytes));
    channel.force(true);
  }

  private static byte[] readSound(
      ImageDataset dataset, int index, UnaryOperator<byte[]> recode, BrokenFiles broken) {
    try {
      byte[] file = dataset.read(index);
      if (file.length == 0) {
        throw new BrokenImageException(BrokenImageException.Reason.EMPTY, "the file is empty");
      }
      return DecoderLines.get(dataset.name(index), () -> recode.apply(file));
    } catch (BrokenImageException e) {
      broken.add(index, dataset.name(index), e);
      return null;
    }
  }

  private void append(ImageDataset dataset, int sample, byte[] file) throws IOException {
    putLong(position);
    putInt(file.length);
    putInt(dataset.label(sample));
    putInt(PackFormat.checksum(file));
    putName(dataset.name(sample));
    writeFully(ByteBuffer.wrap(file));
    position += file.length;
    samples++;
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private void putInt(int value) throws IOException {
    indexOut.writeInt(Integer.reverseBytes(value));
  }

  private void putLong(long value) throws IOException {
    indexOut.writeLong(Long.reverseBytes(value));
  }

  private void putName(String name) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0xFFFF) {
      byte[] start = Arrays.copyOf(bytes, 40);
      throw new ImageException(
          "a name is too long to be packed: " + new String(start, StandardCharsets.UTF_8) + "...");
    }
    indexOut.writeShort(Short.reverseBytes((short) bytes.length));
    indexOut.write(bytes);
  }
}
