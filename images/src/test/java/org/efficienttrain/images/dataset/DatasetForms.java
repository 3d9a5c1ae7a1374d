package org.efficienttrain.images.dataset;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.Progress;

/**
 * Every form a dataset can have, each writing a small one of two classes, {@code cat} and {@code
 * dog} where the form has names, with training and validation images. The generic suite runs over
 * all of them.
 */
enum DatasetForms {
  CLASS_FOLDERS {
    @Override
    Path write(Path folder) throws IOException {
      writeFiles(folder, images(""));
      return folder;
    }
  },
  TRAIN_AND_VAL_FOLDERS {
    @Override
    Path write(Path folder) throws IOException {
      writeFiles(folder, images("train/"));
      writeFiles(folder, images("val/"));
      return folder;
    }
  },
  TAR_OF_CLASS_FOLDERS {
    @Override
    Path write(Path folder) throws IOException {
      return writeTar(folder.resolve("photos.tar"), images("photos/"));
    }
  },
  TAR_OF_TRAIN_AND_TEST {
    @Override
    Path write(Path folder) throws IOException {
      return writeTar(folder.resolve("photos.tar"), both("photos/train/", "photos/test/"));
    }
  },
  COMPRESSED_TAR {
    @Override
    Path write(Path folder) throws IOException {
      Path tar = writeTar(folder.resolve("photos"), both("./train/", "./val/"));
      return compress(tar, folder.resolve("photos.tar.gz"));
    }
  },
  WEBDATASET_WITH_CLS {
    @Override
    Path write(Path folder) throws IOException {
      writeTar(folder.resolve("set-train-0000.tar"), shard("a", ".cls", "%d\n"));
      writeTar(folder.resolve("set-train-0001.tar"), shard("b", ".cls", "%d"));
      writeTar(folder.resolve("set-val-0000.tar"), shard("c", ".cls", "%d"));
      return folder;
    }
  },
  WEBDATASET_WITH_JSON {
    @Override
    Path write(Path folder) throws IOException {
      writeTar(folder.resolve("0.tar"), shard("a", ".json", "{\"key\": \"x\", \"label\": %d}"));
      writeTar(folder.resolve("1.tar"), shard("b", ".json", "{\"label\": %d, \"width\": 6}"));
      return folder;
    }
  },
  TAR_PER_CLASS {
    @Override
    Path write(Path folder) throws IOException {
      for (String name : List.of("cat", "dog")) {
        writeTar(folder.resolve(name + ".tar"), classImages(name));
      }
      return folder;
    }
  },
  TAR_OF_TARS {
    @Override
    Path write(Path folder) throws IOException {
      return writeTar(folder.resolve("winter21_whole.tar"), classTars("winter21_whole/"));
    }
  },
  ILSVRC_2012 {
    @Override
    Path write(Path folder) throws IOException {
      Map<String, byte[]> train = new LinkedHashMap<>();
      for (String wnid : List.of("n02119789", "n01440764", "n02100735")) {
        train.put(wnid + ".tar", tar(classImages(wnid)));
      }
      writeTar(folder.resolve("ILSVRC2012_img_train.tar"), train);
      Map<String, byte[]> validation = new LinkedHashMap<>();
      for (int i = 1; i <= 6; i++) {
        validation.put("ILSVRC2012_val_%08d.JPEG".formatted(i), image(i));
      }
      writeTar(folder.resolve("ILSVRC2012_img_val.tar"), validation);
      Map<String, byte[]> kit = new LinkedHashMap<>();
      kit.put("ILSVRC2012_devkit_t12/data/meta.mat", resource("meta_compressed.mat"));
      kit.put(
          "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt",
          "3\n1\n2\n3\n1\n2\n".getBytes(StandardCharsets.US_ASCII));
      Path plain = writeTar(folder.resolve("kit"), kit);
      compress(plain, folder.resolve("ILSVRC2012_devkit_t12.tar.gz"));
      return folder;
    }
  },
  CIFAR_10_FOLDER {
    @Override
    Path write(Path folder) throws IOException {
      writeFiles(folder.resolve("cifar-10-batches-bin"), cifar10());
      return folder;
    }
  },
  CIFAR_100_ARCHIVE {
    @Override
    Path write(Path folder) throws IOException {
      Map<String, byte[]> files = new LinkedHashMap<>();
      files.put("cifar-100-binary/train.bin", cifarRecords(2, 100, 200));
      files.put("cifar-100-binary/test.bin", cifarRecords(2, 100, 100));
      return compress(
          writeTar(folder.resolve("plain"), files), folder.resolve("cifar-100-binary.tar.gz"));
    }
  },
  FASHION_MNIST_FILES {
    @Override
    Path write(Path folder) throws IOException {
      writeFiles(folder, idx("train", 30));
      writeFiles(folder, idx("t10k", 10));
      return folder;
    }
  },
  PACKED {
    @Override
    Path write(Path folder) throws IOException {
      Path source = CLASS_FOLDERS.write(folder.resolve("source"));
      Path pack = folder.resolve("photos.etpack");
      PackWriter.write(
          Datasets.open(source.toString(), Progress.NONE).get(0).dataset(),
          pack,
          UnaryOperator.identity(),
          Progress.NONE);
      return pack;
    }
  };

  /** Images per class and part. */
  static final int EACH = 5;

  /** Writes the dataset into an empty folder and says what to open. */
  abstract Path write(Path folder) throws IOException;

  /** A small image of its own colours. */
  static byte[] image(int seed) {
    byte[] pixels = new byte[6 * 4 * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (seed * 31 + i * 7);
    }
    return new Image(pixels, 6, 4).toPpm();
  }

  static Map<String, byte[]> images(String prefix) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name : List.of("dog", "cat")) {
      classImages(name).forEach((file, bytes) -> files.put(prefix + name + "/" + file, bytes));
    }
    files.put(prefix + "README.txt", new byte[] {'x'});
    return files;
  }

  private static Map<String, byte[]> both(String train, String validation) {
    Map<String, byte[]> files = images(train);
    files.putAll(images(validation));
    return files;
  }

  private static Map<String, byte[]> classImages(String name) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < EACH; i++) {
      files.put("%s_%d.ppm".formatted(name, i), image(name.hashCode() + i));
    }
    return files;
  }

  private static Map<String, byte[]> classTars(String prefix) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name : List.of("dog", "cat")) {
      files.put(prefix + name + ".tar", tar(classImages(name)));
    }
    return files;
  }

  private static Map<String, byte[]> shard(String prefix, String extension, String label) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < EACH; i++) {
      files.put(prefix + "/" + i + ".ppm", image(prefix.hashCode() + i));
      files.put(
          prefix + "/" + i + extension, label.formatted(i % 2).getBytes(StandardCharsets.US_ASCII));
    }
    return files;
  }

  static Map<String, byte[]> cifar10() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("data_batch_1.bin", cifarRecords(1, 10, 20));
    files.put("data_batch_2.bin", cifarRecords(1, 10, 20));
    files.put("test_batch.bin", cifarRecords(1, 10, 10));
    files.put(
        "batches.meta.txt",
        "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"
            .getBytes(StandardCharsets.US_ASCII));
    return files;
  }

  /** Planes of one value each: red is the number of the record, green 100, blue 200. */
  static byte[] cifarRecords(int labelBytes, int classes, int records) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < records; i++) {
      for (int l = 0; l < labelBytes; l++) {
        out.write(i % classes);
      }
      for (int value : new int[] {i, 100, 200}) {
        for (int pixel = 0; pixel < 1024; pixel++) {
          out.write(value);
        }
      }
    }
    return out.toByteArray();
  }

  private static Map<String, byte[]> idx(String part, int count) {
    ByteBuffer images = ByteBuffer.allocate(16 + count * 32 * 32);
    images.putInt(0x803).putInt(count).putInt(32).putInt(32);
    ByteBuffer labels = ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count);
    for (int i = 0; i < count; i++) {
      images.put(16 + i * 32 * 32, (byte) i);
      labels.put((byte) (i % 10));
    }
    return Map.of(
        part + "-images-idx3-ubyte", images.array(), part + "-labels-idx1-ubyte", labels.array());
  }

  static byte[] resource(String name) throws IOException {
    try (var in = DatasetForms.class.getResourceAsStream("/imagenet/" + name)) {
      return in.readAllBytes();
    }
  }

  static void writeFiles(Path folder, Map<String, byte[]> files) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
  }

  static Path writeTar(Path target, Map<String, byte[]> files) throws IOException {
    return Files.write(target, tar(files));
  }

  static byte[] tar(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
      out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey(), true);
        entry.setSize(file.getValue().length);
        out.putArchiveEntry(entry);
        out.write(file.getValue());
        out.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  static Path compress(Path plain, Path target) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(target))) {
      Files.copy(plain, out);
    }
    Files.delete(plain);
    return target;
  }
}
