package org.efficienttrain.images.dataset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;

/**
 * MNIST and Fashion-MNIST in their IDX files, unpacked: {@code train-images-idx3-ubyte}, {@code
 * train-labels-idx1-ubyte}, and the same with {@code t10k}. Big-endian headers of a magic number
 * and the dimensions, then bytes (LeCun, Cortes and Burges, "The MNIST database"). Gray values come
 * out as RGB in binary PPM files.
 */
final class IdxDataset implements Form {
  private static final String IMAGES = "-images-idx3-ubyte";
  private static final String LABELS = "-labels-idx1-ubyte";
  private static final int IMAGES_MAGIC = 0x803;
  private static final int LABELS_MAGIC = 0x801;
  private static final int CLASSES = 10;
  private static final int LARGEST_SIDE = 4096;

  @Override
  public String title() {
    return "MNIST's IDX files";
  }

  @Override
  public boolean recognises(Place place) {
    return place.holds(("train" + IMAGES)::equals);
  }

  @Override
  public List<Datasets.Part> open(Place place) {
    ImageDataset train = part(place.path(), "train");
    return place.holds(("t10k" + IMAGES)::equals)
        ? Datasets.parts(train, part(place.path(), "t10k"))
        : Datasets.single(train);
  }

  private static ImageDataset part(Path folder, String part) {
    Path images = folder.resolve(part + IMAGES);
    Path labels = folder.resolve(part + LABELS);
    try {
      ByteBuffer header = header(images, IMAGES_MAGIC, 16);
      int count = header.getInt();
      int height = header.getInt();
      int width = header.getInt();
      if (height < 1 || width < 1 || Math.max(width, height) > LARGEST_SIDE) {
        throw new ImageException(
            "%s says its images are %d x %d pixels".formatted(images, width, height));
      }
      checkSize(images, 16 + (long) count * width * height);
      header(labels, LABELS_MAGIC, 8);
      checkSize(labels, 8 + (long) count);
      byte[] labelBytes = read(labels, 8, count);
      int ppmBytes = Image.ppmHeader(width, height).length + Image.CHANNELS * width * height;
      SampleTable.Builder samples = new SampleTable.Builder();
      for (int i = 0; i < count; i++) {
        long offset = 16 + (long) i * width * height;
        samples.add("%s/%05d".formatted(part, i), labelBytes[i] & 0xFF, 0, offset, ppmBytes);
      }
      List<String> classes = IntStream.range(0, CLASSES).mapToObj(String::valueOf).toList();
      return new IndexedDataset(
          samples.build(classes, labels.toString()),
          RawPixels.of(List.of(images), width, height, 1));
    } catch (IOException e) {
      throw ClassFolders.cannotRead(images, e);
    }
  }

  private static ByteBuffer header(Path file, int magic, int bytes) throws IOException {
    if (!Files.exists(file) || Files.size(file) < bytes) {
      throw new ImageException(file + " is missing or incomplete");
    }
    ByteBuffer header = ByteBuffer.wrap(read(file, 0, bytes));
    if (header.getInt() != magic) {
      throw new ImageException(file + " is not an IDX file of the kind its name says");
    }
    return header;
  }

  private static void checkSize(Path file, long expected) throws IOException {
    if (Files.size(file) != expected) {
      throw new ImageException(
          "%s has %d bytes and should have %d: fetch it again"
              .formatted(file, Files.size(file), expected));
    }
  }

  private static byte[] read(Path file, long offset, int length) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return TarScanner.readRange(channel, offset, length);
    }
  }
}
