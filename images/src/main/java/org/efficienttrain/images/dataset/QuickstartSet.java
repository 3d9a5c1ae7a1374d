package org.efficienttrain.images.dataset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.ImageException;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.RandomSource;

/**
 * The embedded quickstart set: 10 classes of 48 x 48 RGB images, five shapes times two textures, so
 * that a network must see both. Painted from a seed when first needed (some seconds) and kept in
 * the cache folder as two packed files; the same bytes on every machine.
 */
public final class QuickstartSet {
  /** The name under which {@link Datasets} opens the set. */
  public static final String NAME = "quickstart:";

  /** Side of an image in pixels. */
  public static final int SIDE = QuickstartPainter.SIDE;

  public static final int TRAINING_IMAGES = 6_000;
  public static final int VALIDATION_IMAGES = 2_000;

  /** Part of the file names: raise it when a change paints other images. */
  private static final int VERSION = 4;

  private static final long SEED = 2023;

  private static final List<QuickstartShape> SHAPES = List.of(QuickstartShape.values());
  private static final List<QuickstartTexture> TEXTURES = List.of(QuickstartTexture.values());

  private QuickstartSet() {}

  /** Opens both parts, painting them first if need be. */
  public static DatasetSplits open(Progress progress) {
    ImageDataset train = open("train", 0, TRAINING_IMAGES, progress);
    ImageDataset validation = open("val", 1, VALIDATION_IMAGES, progress);
    return new DatasetSplits(
        train,
        validation,
        "the embedded quickstart set, %d training and %d validation images"
            .formatted(train.size(), validation.size()));
  }

  private static ImageDataset open(String part, int stream, int size, Progress progress) {
    Path file =
        CacheFolder.path()
            .resolve("quickstart")
            .resolve("v%d-%s-%d.%s".formatted(VERSION, part, size, PackFormat.EXTENSION));
    Progress painting = (what, done, total) -> progress.update("painting " + part, done, total);
    return cached(file, painted(part, stream, size), painting);
  }

  /** Opens a packed copy of a dataset; a missing or damaged copy is made first. */
  static ImageDataset cached(Path file, ImageDataset original, Progress progress) {
    if (Files.exists(file)) {
      try {
        return PackedDataset.open(file);
      } catch (ImageException e) {
        progress.update("damaged, made again: " + file, 0, original.size());
      }
    }
    PackWriter.write(original, file, UnaryOperator.identity(), progress);
    return PackedDataset.open(file);
  }

  /** The set without a cache: each image is painted when it is read. */
  static ImageDataset painted(String part, int stream, int size) {
    List<String> classes = new ArrayList<>();
    for (QuickstartShape shape : SHAPES) {
      for (QuickstartTexture texture : TEXTURES) {
        classes.add((texture.name() + "-" + shape.name()).toLowerCase(Locale.ROOT));
      }
    }
    int bytes = Image.black(QuickstartPainter.SIDE, QuickstartPainter.SIDE).toPpm().length;
    SampleTable.Builder samples = new SampleTable.Builder();
    for (int i = 0; i < size; i++) {
      int label = i % classes.size();
      String name = "%s/%s/%05d.ppm".formatted(part, classes.get(label), i);
      samples.add(name, label, 0, 0, bytes);
    }
    return new IndexedDataset(
        samples.build(classes, NAME),
        (table, index) -> paint(table.label(index), stream, index).toPpm());
  }

  static Image paint(int label, int stream, int index) {
    return QuickstartPainter.paint(
        SHAPES.get(label / TEXTURES.size()),
        TEXTURES.get(label % TEXTURES.size()),
        RandomSource.of(SEED, stream, index));
  }
}
