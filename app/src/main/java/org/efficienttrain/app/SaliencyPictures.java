package org.efficienttrain.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.efficienttrain.app.chart.HeatMap;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.loader.Batch;
import org.efficienttrain.images.pixel.ImageEncoder;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.training.UserError;

/** Writes where a network looked: for each image a PNG with the image and, beside it, the map. */
final class SaliencyPictures {
  private final Path folder;
  private final Set<String> names = new HashSet<>();

  /**
   * Makes the folder.
   *
   * @throws UserError if that fails
   */
  SaliencyPictures(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UserError("cannot make the folder %s".formatted(folder), e);
    }
  }

  /**
   * Writes a picture.
   *
   * @param file the image's own, for the name
   * @param batch that it is in, at this position
   * @param maps (N, h, w) of the batch, 0 to 1
   */
  void write(Path file, Batch batch, int position, Tensor maps) {
    int side = batch.side();
    byte[] pixels = new byte[side * side * Image.CHANNELS];
    batch.pixels().get(position * pixels.length, pixels);
    int rows = (int) maps.size(1);
    float[] map = maps.select(0, position).contiguous().toFloats();
    byte[] over = HeatMap.over(pixels, side, map, rows);
    Image both = Image.black(2 * side, side);
    int row = side * Image.CHANNELS;
    for (int y = 0; y < side; y++) {
      System.arraycopy(pixels, y * row, both.pixels(), 2 * y * row, row);
      System.arraycopy(over, y * row, both.pixels(), (2 * y + 1) * row, row);
    }
    Path target = folder.resolve(name(file));
    try {
      Files.write(target, ImageEncoder.png(both));
    } catch (IOException e) {
      throw new UserError("cannot write %s".formatted(target), e);
    }
  }

  /** The file's own name; with a number where two files of different folders share one. */
  private String name(Path file) {
    String own = file.getFileName().toString();
    int dot = own.lastIndexOf('.');
    String stem = dot > 0 ? own.substring(0, dot) : own;
    String name = stem + ".png";
    for (int i = 2; !names.add(name); i++) {
      name = stem + "-" + i + ".png";
    }
    return name;
  }
}
