package org.efficienttrain.curriculum;

/**
 * The low-frequency crop of a square image as two small matrix products (EfficientTrain, section
 * 3.2).
 *
 * <p>The official code keeps the frequencies -b .. b - 1 of each axis of the image's Fourier
 * transform, b = floor(B / 2), transforms back to 2b x 2b pixels, and takes the real part. With N
 * the input side and t(j, n) = j / 2b - n / N that is, exactly,
 *
 * <pre>
 *   crop(X) = R X R' - (w' X w) a a'
 *   R[j, n] = (1 + 2 sum_{k=1}^{b-1} cos 2 pi k t + cos 2 pi b t) / N
 *   w[n]    = sin(2 pi b n / N) / N
 *   a[j]    = (-1)^j
 * </pre>
 *
 * The second term is what taking the real part drops: the kept frequency -b has no partner +b. Rows
 * of R sum to 1 and w to 0, so the crop keeps the mean and commutes with normalisation. Values may
 * overshoot the input's range by a few per cent, as with every ideal low-pass; nothing is clamped.
 */
public final class CropMatrices {
  private final int inputSize;
  private final int outputSize;
  private final double[] resample; // outputSize x inputSize, row-major
  private final double[] nyquist; // inputSize

  private CropMatrices(int inputSize, int outputSize) {
    this.inputSize = inputSize;
    this.outputSize = outputSize;
    this.resample = new double[outputSize * inputSize];
    this.nyquist = new double[inputSize];
  }

  /**
   * The crop of an image of side {@code inputSize} to a bandwidth.
   *
   * @param inputSize side N of the image in pixels, at most 16384
   * @param bandwidth side B of the crop, 2 .. N; an odd one below N is lowered by one, as in the
   *     official code; B = N leaves the image as it is
   * @throws IllegalArgumentException when the bandwidth is below 2 or above the input size
   */
  public static CropMatrices of(int inputSize, int bandwidth) {
    if (bandwidth < 2 || bandwidth > inputSize || inputSize > 16384) {
      throw new IllegalArgumentException(
          ("Cannot crop an image of side %d to bandwidth %d:"
                  + " a bandwidth lies between 2 and the image's side (at most 16384).")
              .formatted(inputSize, bandwidth));
    }
    if (bandwidth == inputSize) {
      CropMatrices identity = new CropMatrices(inputSize, inputSize);
      for (int n = 0; n < inputSize; n++) {
        identity.resample[n * inputSize + n] = 1;
      }
      return identity;
    }
    CropMatrices crop = new CropMatrices(inputSize, bandwidth / 2 * 2);
    crop.fill();
    return crop;
  }

  private void fill() {
    int half = outputSize / 2;
    long period = (long) outputSize * inputSize;
    for (int j = 0; j < outputSize; j++) {
      for (int n = 0; n < inputSize; n++) {
        // t = numerator / period, reduced in integers so that no precision is lost.
        long numerator = Math.floorMod((long) j * inputSize - (long) outputSize * n, period);
        double edge = (j % 2 == 0 ? 1 : -1) * cosine((long) half * n, inputSize);
        resample[j * inputSize + n] = (dirichlet(half, numerator, period) + edge) / inputSize;
      }
    }
    for (int n = 0; n < inputSize; n++) {
      nyquist[n] = sineOfHalfTurns((long) outputSize * n, inputSize) / inputSize;
    }
  }

  /** {@code 1 + 2 sum_{k=1}^{b-1} cos 2 pi k t} in closed form, for t = numerator / period. */
  private static double dirichlet(int b, long numerator, long period) {
    if (numerator == 0) {
      return 2 * b - 1;
    }
    return sineOfHalfTurns((2 * b - 1) * numerator, period) / sineOfHalfTurns(numerator, period);
  }

  /** {@code sin(pi turns / of)}, accurate where it is small because its argument then is. */
  private static double sineOfHalfTurns(long turns, long of) {
    long reduced = Math.floorMod(turns, 2 * of);
    if (reduced > of) {
      return -sineOfHalfTurns(reduced - of, of);
    }
    return Math.sin(Math.PI * Math.min(reduced, of - reduced) / of);
  }

  private static double cosine(long turns, long of) {
    return Math.cos(2 * Math.PI * (turns % of) / of);
  }

  /** Side of the result: 2 floor(B / 2), or N when B = N. */
  public int outputSize() {
    return outputSize;
  }

  /** Whether the crop leaves every image as it is. */
  public boolean isIdentity() {
    return outputSize == inputSize;
  }

  /** R, row-major, {@code outputSize x inputSize}. A fresh copy. */
  public double[] resample() {
    return resample.clone();
  }

  /** w, {@code inputSize} values. A fresh copy. */
  public double[] nyquist() {
    return nyquist.clone();
  }

  /** a, {@code outputSize} values: 1, -1, 1, ... */
  public double[] signs() {
    double[] signs = new double[outputSize];
    for (int j = 0; j < outputSize; j++) {
      signs[j] = j % 2 == 0 ? 1 : -1;
    }
    return signs;
  }

  /**
   * Crops one channel in double precision: the reference that faster forms are held against.
   *
   * @param image N x N values, row-major
   * @return {@code outputSize x outputSize} values, row-major
   * @throws IllegalArgumentException when the image does not have N x N values
   */
  public double[] apply(double[] image) {
    if (image.length != inputSize * inputSize) {
      throw new IllegalArgumentException(
          "The image has %d values, not the %d of a square of side %d."
              .formatted(image.length, inputSize * inputSize, inputSize));
    }
    double[] columns = new double[inputSize * outputSize]; // X R'
    double[] rowSums = new double[inputSize]; // X w
    for (int y = 0; y < inputSize; y++) {
      for (int j = 0; j < outputSize; j++) {
        columns[y * outputSize + j] = dot(image, y * inputSize, resample, j * inputSize);
      }
      rowSums[y] = dot(image, y * inputSize, nyquist, 0);
    }
    double dropped = dot(rowSums, 0, nyquist, 0); // w' X w
    double[] result = new double[outputSize * outputSize];
    for (int i = 0; i < outputSize; i++) {
      for (int j = 0; j < outputSize; j++) {
        double sum = 0;
        for (int y = 0; y < inputSize; y++) {
          sum += resample[i * inputSize + y] * columns[y * outputSize + j];
        }
        result[i * outputSize + j] = (i + j) % 2 == 0 ? sum - dropped : sum + dropped;
      }
    }
    return result;
  }

  private double dot(double[] a, int fromA, double[] b, int fromB) {
    double sum = 0;
    for (int n = 0; n < inputSize; n++) {
      sum += a[fromA + n] * b[fromB + n];
    }
    return sum;
  }
}
