package org.efficienttrain.images.pixel;

/**
 * The weights that make each output position of one axis out of input positions, in Pillow's 8-bit
 * fixed-point arithmetic: {@code out[i] = sum over k < count[i] of weight[i * stride + k] *
 * in[first[i] + k]}, in units of 2^-22.
 */
final class ResampleAxis {
  /** Bits behind the point: 32, less 8 of the pixel, less 2 for overshoot and sign. */
  static final int PRECISION = 22;

  /** One half, added before shifting so that the result is rounded. */
  static final int HALF = 1 << (PRECISION - 1);

  /** The weights of an output are padded with zeros to a multiple of this. */
  static final int GROUP = 4;

  final int[] first;
  final int[] count;
  final int[] weight;
  final int stride;

  private ResampleAxis(int[] first, int[] count, int[] weight, int stride) {
    this.first = first;
    this.count = count;
    this.weight = weight;
    this.stride = stride;
  }

  /**
   * The weights of output positions {@code from .. from + n - 1} of an axis of {@code outSize}.
   *
   * @param inSize pixels that exist; the filter is cut off and renormalised at their ends
   * @param start where the resized interval begins, in input pixels, fractions allowed
   * @param end where it ends
   */
  static ResampleAxis of(
      int inSize, double start, double end, int outSize, int from, int n, Interpolation filter) {
    double scale = (end - start) / outSize;
    double filterScale = Math.max(1, scale);
    double support = filter.support() * filterScale;
    int stride = padded((int) Math.ceil(support) * 2 + 1);
    int[] first = new int[n];
    int[] count = new int[n];
    int[] weight = new int[n * stride];
    double[] exact = new double[stride];
    double inverse = 1 / filterScale;
    for (int i = 0; i < n; i++) {
      double center = start + (from + i + 0.5) * scale;
      int low = Math.max(0, (int) (center - support + 0.5));
      int high = Math.min(inSize, (int) (center + support + 0.5));
      double sum = 0;
      for (int k = 0; k < high - low; k++) {
        exact[k] = filter.at((k + low - center + 0.5) * inverse);
        sum += exact[k];
      }
      for (int k = 0; k < high - low; k++) {
        double scaled = exact[k] / sum * (1 << PRECISION);
        weight[i * stride + k] = (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
      }
      first[i] = low;
      count[i] = high - low;
    }
    return new ResampleAxis(first, count, weight, stride);
  }

  /** Every output is the input of the same position, {@code from} further on. */
  static ResampleAxis copy(int from, int n) {
    int[] first = new int[n];
    int[] count = new int[n];
    int[] weight = new int[n * GROUP];
    for (int i = 0; i < n; i++) {
      first[i] = from + i;
      count[i] = 1;
      weight[i * GROUP] = 1 << PRECISION;
    }
    return new ResampleAxis(first, count, weight, GROUP);
  }

  private static int padded(int taps) {
    return (taps + GROUP - 1) / GROUP * GROUP;
  }

  int size() {
    return first.length;
  }

  /** The first input position that is used. */
  int low() {
    return first[0];
  }

  /** One past the last input position that is used. */
  int high() {
    return first[size() - 1] + count[size() - 1];
  }
}
