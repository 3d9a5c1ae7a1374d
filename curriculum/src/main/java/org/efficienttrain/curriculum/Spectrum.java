package org.efficienttrain.curriculum;

/**
 * How strong every frequency of a square image is: the absolute values of its two-dimensional
 * discrete Fourier transform, with frequency 0 in the middle, so that the low-frequency crop of
 * bandwidth B keeps the central B x B of them.
 *
 * <p>It is for looking at, so the transform is two plain passes of N^3 operations, at any N.
 */
public final class Spectrum {
  /** Largest side; one image of it takes a few seconds. */
  public static final int MAX_SIDE = 1024;

  private final int side;
  private final double[] cosine;
  private final double[] sine;

  /**
   * Prepares transforms of one size.
   *
   * @param side N, 1 to {@value #MAX_SIDE}
   */
  public Spectrum(int side) {
    if (side < 1 || side > MAX_SIDE) {
      throw new IllegalArgumentException(
          "A spectrum is of an image with a side of 1 to %d, not %d.".formatted(MAX_SIDE, side));
    }
    this.side = side;
    cosine = new double[side];
    sine = new double[side];
    for (int k = 0; k < side; k++) {
      cosine[k] = Math.cos(2 * Math.PI * k / side);
      sine[k] = Math.sin(2 * Math.PI * k / side);
    }
  }

  /**
   * Amplitudes of one channel.
   *
   * @param image N x N values, row-major
   * @return N x N amplitudes, row-major; frequency (v, u) stands in row v + floor(N / 2) and column
   *     u + floor(N / 2)
   * @throws IllegalArgumentException when the image does not have N x N values
   */
  public double[] amplitudes(double[] image) {
    if (image.length != side * side) {
      throw new IllegalArgumentException(
          "The image has %d values, not the %d of a square of side %d."
              .formatted(image.length, side * side, side));
    }
    double[] real = image.clone();
    double[] imaginary = new double[side * side];
    for (int row = 0; row < side; row++) {
      transform(real, imaginary, row * side, 1);
    }
    for (int column = 0; column < side; column++) {
      transform(real, imaginary, column, side);
    }
    double[] centred = new double[side * side];
    int half = side / 2;
    for (int v = 0; v < side; v++) {
      for (int u = 0; u < side; u++) {
        int at = (v + half) % side * side + (u + half) % side;
        centred[at] = Math.hypot(real[v * side + u], imaginary[v * side + u]);
      }
    }
    return centred;
  }

  /** Transforms one line of complex numbers in place. */
  private void transform(double[] real, double[] imaginary, int from, int stride) {
    double[] re = new double[side];
    double[] im = new double[side];
    for (int n = 0; n < side; n++) {
      re[n] = real[from + n * stride];
      im[n] = imaginary[from + n * stride];
    }
    for (int k = 0; k < side; k++) {
      double sumRe = 0;
      double sumIm = 0;
      for (int n = 0, turn = 0; n < side; n++) {
        sumRe += re[n] * cosine[turn] + im[n] * sine[turn];
        sumIm += im[n] * cosine[turn] - re[n] * sine[turn];
        turn += k;
        if (turn >= side) {
          turn -= side;
        }
      }
      real[from + k * stride] = sumRe;
      imaginary[from + k * stride] = sumIm;
    }
  }
}
