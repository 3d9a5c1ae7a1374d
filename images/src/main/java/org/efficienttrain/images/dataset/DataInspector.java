package org.efficienttrain.images.dataset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.efficienttrain.images.BrokenImageException;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.loader.BrokenFiles;
import org.efficienttrain.images.pixel.DecoderLines;
import org.efficienttrain.images.pixel.ImageDecoder;
import org.efficienttrain.images.pixel.ImageEncoder;
import org.efficienttrain.images.pixel.ImageHeader;
import org.efficienttrain.images.pixel.Interpolation;
import org.efficienttrain.images.pixel.Resampler;

/** Looks through a dataset: reads and decodes its images, and shows some of them on one sheet. */
public final class DataInspector {
  private static final int CHUNK = 512;
  private static final int TILE = 96;
  private static final int GAP = 4;
  private static final int COLUMNS = 10;
  private static final int MOST_ROWS = 25;
  private static final byte PAPER = (byte) 0xF4;

  private final ImageDataset dataset;
  private final ImageDecoder decoder;

  /**
   * @param dataset stays the caller's to close
   * @param decoder says how many pixels an image may have
   */
  public DataInspector(ImageDataset dataset, ImageDecoder decoder) {
    this.dataset = dataset;
    this.decoder = decoder;
  }

  /** What one decoded file turned out to be. */
  private record Checked(ImageHeader header, int bytes, boolean damaged, int index) {}

  /**
   * Decodes images on all processors.
   *
   * @param most how many to decode, evenly spread; all if there are no more
   */
  public Inspection inspect(int most, Progress progress) {
    int count = Math.min(most, dataset.size());
    BrokenFiles broken = new BrokenFiles();
    Checked[] checked = new Checked[count];
    for (int start = 0; start < count; start += CHUNK) {
      int end = Math.min(count, start + CHUNK);
      IntStream.range(start, end)
          .parallel()
          .forEach(i -> checked[i] = check((int) ((long) i * dataset.size() / count), broken));
      progress.update("checking images", end, count);
    }
    List<Checked> sound = Arrays.stream(checked).filter(c -> c != null).toList();
    Map<ImageHeader.Format, Integer> formats = new EnumMap<>(ImageHeader.Format.class);
    sound.forEach(c -> formats.merge(c.header.format(), 1, Integer::sum));
    return new Inspection(
        dataset.size(),
        count,
        dataset.classes(),
        counts(),
        Inspection.Spread.of(sound.stream().mapToInt(c -> c.header.width()).sorted().toArray()),
        Inspection.Spread.of(sound.stream().mapToInt(c -> c.header.height()).sorted().toArray()),
        Inspection.Spread.of(sound.stream().mapToInt(Checked::bytes).sorted().toArray()),
        formats,
        broken,
        sound.stream().filter(Checked::damaged).map(c -> dataset.name(c.index)).toList());
  }

  private List<Integer> counts() {
    int[] counts = new int[dataset.classes().size()];
    for (int i = 0; i < dataset.size() && counts.length > 0; i++) {
      counts[dataset.label(i)]++;
    }
    return Arrays.stream(counts).boxed().toList();
  }

  private Checked check(int index, BrokenFiles broken) {
    String name = dataset.name(index);
    try {
      byte[] file = dataset.read(index);
      ImageHeader header = decoder.header(file);
      boolean told = DecoderLines.run(name, () -> decoder.decode(file, header, 1));
      boolean damaged = told || ImageDecoder.isDamaged(file, header);
      return new Checked(header, file.length, damaged, index);
    } catch (BrokenImageException e) {
      broken.add(index, name, e);
      return null;
    }
  }

  /**
   * A contact sheet: a row of ten images of each class, whole and not cropped, of the first 25
   * classes; without classes, 25 rows of images that are evenly spread. A broken image leaves its
   * place empty.
   *
   * @return a PNG file
   */
  public byte[] contactSheet() {
    List<List<Integer>> rows =
        dataset.classes().isEmpty() ? samplesWithoutClasses() : samplesOfClasses();
    int width = COLUMNS * (TILE + GAP) + GAP;
    int height = rows.size() * (TILE + GAP) + GAP;
    Image sheet = Image.black(width, height);
    Arrays.fill(sheet.pixels(), PAPER);
    IntStream.range(0, rows.size() * COLUMNS)
        .parallel()
        .forEach(
            place -> {
              int row = place / COLUMNS;
              int column = place % COLUMNS;
              if (column < rows.get(row).size()) {
                draw(sheet, rows.get(row).get(column), column, row);
              }
            });
    return ImageEncoder.png(sheet);
  }

  private List<List<Integer>> samplesWithoutClasses() {
    int count = Math.min(dataset.size(), MOST_ROWS * COLUMNS);
    List<List<Integer>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (i % COLUMNS == 0) {
        rows.add(new ArrayList<>());
      }
      rows.get(i / COLUMNS).add((int) ((long) i * dataset.size() / count));
    }
    return rows;
  }

  /** Samples of each class, evenly spread over it. */
  private List<List<Integer>> samplesOfClasses() {
    int classes = Math.min(MOST_ROWS, dataset.classes().size());
    List<Integer> counts = counts();
    int[] met = new int[dataset.classes().size()];
    List<List<Integer>> rows = new ArrayList<>();
    for (int label = 0; label < classes; label++) {
      rows.add(new ArrayList<>());
    }
    for (int i = 0; i < dataset.size(); i++) {
      int label = dataset.label(i);
      if (label < classes) {
        int position = met[label]++;
        int wanted = rows.get(label).size();
        if (wanted < COLUMNS && position >= (long) wanted * counts.get(label) / COLUMNS) {
          rows.get(label).add(i);
        }
      }
    }
    return rows;
  }

  private void draw(Image sheet, int index, int column, int row) {
    Image image;
    try {
      byte[] file = dataset.read(index);
      image = DecoderLines.get(dataset.name(index), () -> decoder.decode(file));
    } catch (BrokenImageException e) {
      return; // Its place stays empty; inspect() reports it.
    }
    double scale = (double) TILE / Math.max(image.width(), image.height());
    int width = Math.max(1, (int) Math.round(image.width() * scale));
    int height = Math.max(1, (int) Math.round(image.height() * scale));
    Image tile = Resampler.resize(image, width, height, Interpolation.BICUBIC);
    int left = GAP + column * (TILE + GAP) + (TILE - width) / 2;
    int top = GAP + row * (TILE + GAP) + (TILE - height) / 2;
    for (int y = 0; y < height; y++) {
      System.arraycopy(
          tile.pixels(),
          y * width * Image.CHANNELS,
          sheet.pixels(),
          ((top + y) * sheet.width() + left) * Image.CHANNELS,
          width * Image.CHANNELS);
    }
  }
}
