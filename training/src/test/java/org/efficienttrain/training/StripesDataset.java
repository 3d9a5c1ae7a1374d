package org.efficienttrain.training;

import java.util.List;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.RandomSource;

/** Small images of stripes: class 0 lies, class 1 stands, class 2 slants; noisy and seeded. */
final class StripesDataset implements ImageDataset {
  private final int size;
  private final int side;
  private final long seed;

  StripesDataset(int size, int side, long seed) {
    this.size = size;
    this.side = side;
    this.seed = seed;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int label(int index) {
    return index % 3;
  }

  @Override
  public String name(int index) {
    return "stripes " + index;
  }

  @Override
  public byte[] read(int index) {
    RandomSource random = RandomSource.of(seed, 0, index);
    double period = random.uniform(5, 9);
    double phase = random.uniform(0, period);
    byte[] pixels = new byte[side * side * 3];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double t = label(index) == 0 ? y : label(index) == 1 ? x : (x + y) / Math.sqrt(2);
        double wave = Math.sin(2 * Math.PI * (t + phase) / period);
        for (int c = 0; c < 3; c++) {
          double value = 128 + 60 * wave + 25 * random.nextGaussian();
          pixels[(y * side + x) * 3 + c] = (byte) Math.max(0, Math.min(255, value));
        }
      }
    }
    return new Image(pixels, side, side).toPpm();
  }

  @Override
  public List<String> classes() {
    return List.of("lying", "standing", "slanting");
  }

  @Override
  public String fingerprint() {
    return "stripes-%d-%d-%d".formatted(size, side, seed);
  }
}
