package org.efficienttrain.images.pixel;

import org.efficienttrain.images.Image;

/**
 * Pillow's operations on colours ({@code ImageOps}, {@code ImageEnhance}), to the last rounding.
 * Each returns a new image and leaves its argument as it is.
 */
public final class ColourOps {
  private static final int LEVELS = 256;

  private ColourOps() {}

  /** Stretches each channel so that its darkest value becomes 0 and its brightest 255. */
  public static Image autoContrast(Image image) {
    int[][] histograms = histograms(image);
    byte[][] tables = new byte[Image.CHANNELS][];
    for (int c = 0; c < Image.CHANNELS; c++) {
      int low = 0;
      int high = LEVELS - 1;
      while (low < high && histograms[c][low] == 0) {
        low++;
      }
      while (high > low && histograms[c][high] == 0) {
        high--;
      }
      double scale = high > low ? 255.0 / (high - low) : 1;
      double offset = high > low ? -low * scale : 0;
      tables[c] = table(value -> (int) (value * scale + offset));
    }
    return map(image, tables[0], tables[1], tables[2]);
  }

  /** Maps each channel so that all its values become about equally frequent. */
  public static Image equalize(Image image) {
    int[][] histograms = histograms(image);
    byte[][] tables = new byte[Image.CHANNELS][];
    for (int c = 0; c < Image.CHANNELS; c++) {
      tables[c] = equalizing(histograms[c], image.width() * image.height());
    }
    return map(image, tables[0], tables[1], tables[2]);
  }

  private static byte[] equalizing(int[] histogram, int pixels) {
    int brightest = LEVELS - 1;
    while (histogram[brightest] == 0) {
      brightest--;
    }
    // With one single value, nothing is left to share out and the step is 0 as well.
    int step = (pixels - histogram[brightest]) / (LEVELS - 1);
    byte[] table = new byte[LEVELS];
    int below = step / 2;
    for (int i = 0; i < LEVELS; i++) {
      table[i] = (byte) (step == 0 ? i : Math.min(LEVELS - 1, below / step));
      below += histogram[i];
    }
    return table;
  }

  /** The negative. */
  public static Image invert(Image image) {
    return map(image, table(value -> 255 - value));
  }

  /**
   * Keeps the upper bits of every value.
   *
   * @param bits 0 (black) to 8 (no change)
   */
  public static Image posterize(Image image, int bits) {
    int mask = -(1 << (8 - bits));
    return map(image, table(value -> value & mask));
  }

  /**
   * Inverts the values at or above a threshold.
   *
   * @param threshold 0 to 256; 256 changes nothing
   */
  public static Image solarize(Image image, int threshold) {
    return map(image, table(value -> value < threshold ? value : 255 - value));
  }

  /** Adds to the values below 128. */
  public static Image solarizeAdd(Image image, int added) {
    return map(image, table(value -> value < 128 ? Math.min(255, value + added) : value));
  }

  /** Scales brightness: factor 0 is black, 1 the image itself. */
  public static Image brightness(Image image, double factor) {
    return map(image, table(value -> blend(0, value, (float) factor)));
  }

  /** Moves values away from the mean gray (factor above 1) or towards it. */
  public static Image contrast(Image image, double factor) {
    byte[] pixels = image.pixels();
    long sum = 0;
    for (int i = 0; i < pixels.length; i += Image.CHANNELS) {
      sum += luma(pixels, i);
    }
    int mean = (int) ((double) sum / ((long) image.width() * image.height()) + 0.5);
    return map(image, table(value -> blend(mean, value, (float) factor)));
  }

  /** Moves colours away from gray (factor above 1) or towards it (0 is gray). */
  public static Image saturation(Image image, double factor) {
    float alpha = (float) factor;
    byte[] in = image.pixels();
    byte[] out = new byte[in.length];
    for (int i = 0; i < in.length; i += Image.CHANNELS) {
      int gray = luma(in, i);
      out[i] = (byte) blend(gray, in[i] & 0xFF, alpha);
      out[i + 1] = (byte) blend(gray, in[i + 1] & 0xFF, alpha);
      out[i + 2] = (byte) blend(gray, in[i + 2] & 0xFF, alpha);
    }
    return new Image(out, image.width(), image.height());
  }

  /** Gray in all three channels (ITU-R BT.601 luma). */
  public static Image grayscale(Image image) {
    byte[] in = image.pixels();
    byte[] out = new byte[in.length];
    for (int i = 0; i < in.length; i += Image.CHANNELS) {
      byte gray = (byte) luma(in, i);
      out[i] = gray;
      out[i + 1] = gray;
      out[i + 2] = gray;
    }
    return new Image(out, image.width(), image.height());
  }

  /**
   * Moves the image away from its smoothed self (factor above 1) or towards it. The smoothing
   * kernel is 3 x 3 with weight 5 of 13 in the middle; the outermost pixels are not smoothed.
   */
  public static Image sharpness(Image image, double factor) {
    float alpha = (float) factor;
    byte[] in = image.pixels();
    byte[] out = in.clone();
    int row = image.width() * Image.CHANNELS;
    for (int y = 1; y < image.height() - 1; y++) {
      int end = (y + 1) * row - Image.CHANNELS;
      for (int i = y * row + Image.CHANNELS; i < end; i++) {
        int value = in[i] & 0xFF;
        int sum = columnSum(in, i - 3, row) + columnSum(in, i, row) + columnSum(in, i + 3, row);
        // The nearest integer to the thirteenth part; a tie cannot occur.
        int smooth = (2 * (sum + 4 * value) + 13) / 26;
        out[i] = (byte) blend(smooth, value, alpha);
      }
    }
    return new Image(out, image.width(), image.height());
  }

  private static int columnSum(byte[] in, int i, int row) {
    return (in[i - row] & 0xFF) + (in[i] & 0xFF) + (in[i + row] & 0xFF);
  }

  /** From one value through another and beyond: 0 gives the first, 1 the second; cut to 0..255. */
  private static int blend(int from, int to, float alpha) {
    return Math.max(0, Math.min(255, (int) (from + alpha * (to - from))));
  }

  private static int luma(byte[] pixels, int i) {
    int red = pixels[i] & 0xFF;
    int green = pixels[i + 1] & 0xFF;
    int blue = pixels[i + 2] & 0xFF;
    return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
  }

  private static int[][] histograms(Image image) {
    int[][] histograms = new int[Image.CHANNELS][LEVELS];
    byte[] pixels = image.pixels();
    for (int i = 0; i < pixels.length; i += Image.CHANNELS) {
      histograms[0][pixels[i] & 0xFF]++;
      histograms[1][pixels[i + 1] & 0xFF]++;
      histograms[2][pixels[i + 2] & 0xFF]++;
    }
    return histograms;
  }

  private static byte[] table(java.util.function.IntUnaryOperator function) {
    byte[] table = new byte[LEVELS];
    for (int i = 0; i < LEVELS; i++) {
      table[i] = (byte) Math.max(0, Math.min(255, function.applyAsInt(i)));
    }
    return table;
  }

  private static Image map(Image image, byte[] table) {
    return map(image, table, table, table);
  }

  private static Image map(Image image, byte[] red, byte[] green, byte[] blue) {
    byte[] in = image.pixels();
    byte[] out = new byte[in.length];
    for (int i = 0; i < in.length; i += Image.CHANNELS) {
      out[i] = red[in[i] & 0xFF];
      out[i + 1] = green[in[i + 1] & 0xFF];
      out[i + 2] = blue[in[i + 2] & 0xFF];
    }
    return new Image(out, image.width(), image.height());
  }
}
