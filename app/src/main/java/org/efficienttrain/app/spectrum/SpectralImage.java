package org.efficienttrain.app.spectrum;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.efficienttrain.curriculum.CropMatrices;
import org.efficienttrain.curriculum.Spectrum;
import org.efficienttrain.images.Image;

/**
 * A square image, its spectrum and its low-frequency crops.
 *
 * @param name what captions call it
 * @param image of side N
 */
public record SpectralImage(String name, Image image) {
  /** Amplitudes below this share of the largest are drawn black. */
  private static final double FLOOR = 1e-6;

  /** Colours of the spectrum from weak to strong: dark blue, violet, orange, pale yellow. */
  private static final int[][] RAMP = {
    {5, 7, 30}, {60, 20, 110}, {150, 40, 110}, {225, 95, 55}, {252, 180, 70}, {252, 252, 210}
  };

  public SpectralImage {
    if (image.width() != image.height()) {
      throw new IllegalArgumentException("the image " + name + " is not square");
    }
  }

  /** Side N in pixels. */
  public int side() {
    return image.width();
  }

  /** The image itself. */
  public BufferedImage picture() {
    return toAwt(side(), (x, y, c) -> image.get(x, y, c));
  }

  /** The logarithm of the amplitudes, means over the colours, frequency 0 in the middle; N x N. */
  public BufferedImage spectrum() {
    int n = side();
    double[] sum = new double[n * n];
    Spectrum spectrum = new Spectrum(n);
    for (int c = 0; c < Image.CHANNELS; c++) {
      double[] amplitudes = spectrum.amplitudes(channel(c));
      Arrays.setAll(sum, i -> sum[i] + amplitudes[i]);
    }
    // The mean of an image is far stronger than any wave in it: the scale ends at those.
    double[] sorted = sum.clone();
    Arrays.sort(sorted);
    double strongest = Math.max(sorted[Math.max(0, n * n - 1 - n * n / 500)], 1e-12);
    double weakest = Math.max(sorted[n * n / 50], strongest * FLOOR);
    double range = Math.max(Math.log(strongest / weakest), 1e-9);
    return toAwt(
        n,
        (x, y, c) -> {
          double share = Math.log(Math.max(sum[y * n + x], weakest) / weakest) / range;
          return colour(Math.min(1, share), c);
        });
  }

  /**
   * What the network sees at a bandwidth, in its true size.
   *
   * @param bandwidth B, 2 to N
   */
  public BufferedImage crop(int bandwidth) {
    CropMatrices crop = CropMatrices.of(side(), bandwidth);
    int b = crop.outputSize();
    double[][] channels = new double[Image.CHANNELS][];
    Arrays.setAll(channels, c -> crop.apply(channel(c)));
    return toAwt(
        b, (x, y, c) -> (int) Math.round(Math.max(0, Math.min(255, channels[c][y * b + x]))));
  }

  private double[] channel(int c) {
    double[] values = new double[side() * side()];
    Arrays.setAll(values, i -> image.pixels()[i * Image.CHANNELS + c] & 0xFF);
    return values;
  }

  private static int colour(double share, int channel) {
    double at = share * (RAMP.length - 1);
    int low = Math.min(RAMP.length - 2, (int) at);
    double part = at - low;
    return (int) Math.round(RAMP[low][channel] * (1 - part) + RAMP[low + 1][channel] * part);
  }

  private interface Pixels {
    int at(int x, int y, int channel);
  }

  private static BufferedImage toAwt(int side, Pixels pixels) {
    BufferedImage out = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        out.setRGB(x, y, pixels.at(x, y, 0) << 16 | pixels.at(x, y, 1) << 8 | pixels.at(x, y, 2));
      }
    }
    return out;
  }
}
