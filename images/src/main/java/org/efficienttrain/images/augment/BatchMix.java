package org.efficienttrain.images.augment;

import java.util.Arrays;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.pixel.Region;

/**
 * Draws how a batch is mixed: mixup (Zhang et al., ICLR 2018) or cutmix (Yun et al., ICCV 2019),
 * with the semantics of timm 0.4.12 and its default, one draw for the whole batch. The partner of
 * sample i of n is always sample n - 1 - i.
 *
 * @param mixupAlpha both parameters of mixup's Beta distribution, 0 for no mixup; default 0.8
 * @param cutmixAlpha both parameters of cutmix's Beta distribution, 0 for no cutmix; default 1
 * @param probability that a batch is mixed; default 1
 * @param switchProbability that it is cutmix, when both are on; default 0.5
 */
public record BatchMix(
    double mixupAlpha, double cutmixAlpha, double probability, double switchProbability) {

  /**
   * How the samples of one batch are mixed.
   *
   * <p>Sample i with partner j becomes {@code lambda x[i] + (1 - lambda) x[j]} where the box is
   * null, and otherwise x[i] with the pixels of the box taken from x[j]; x is the batch before
   * mixing. The targets are mixed with lambda in both cases, which for cutmix is the share of x[i]
   * that is left.
   *
   * @param size samples in the batch
   * @param lambda weight of a sample itself, 0 to 1
   * @param box what every sample takes from its partner, or null when the two are blended
   */
  public record Mixture(int size, double lambda, Region box) {
    /** The sample that sample i is mixed with. */
    public int partner(int i) {
      return size - 1 - i;
    }

    /** Whether nothing is mixed. */
    public boolean identity() {
      return lambda == 1;
    }

    /**
     * The mixed, smoothed targets: a row of {@code classes} probabilities per sample. A class gets
     * {@code smoothing / classes}, the labelled one {@code 1 - smoothing} more.
     *
     * @param labels class of each sample before mixing
     * @throws IllegalArgumentException when a label is out of range
     */
    public float[] targets(int[] labels, int classes, double smoothing) {
      if (labels.length != size) {
        throw new IllegalArgumentException(
            "%d labels for a batch of %d".formatted(labels.length, size));
      }
      float[] targets = new float[Math.multiplyExact(labels.length, classes)];
      Arrays.fill(targets, (float) (smoothing / classes));
      for (int i = 0; i < labels.length; i++) {
        int own = labels[i];
        int other = labels[partner(i)];
        if (own < 0 || own >= classes) {
          throw new IllegalArgumentException(
              "label %d is not one of %d classes".formatted(own, classes));
        }
        targets[i * classes + own] += (float) ((1 - smoothing) * lambda);
        targets[i * classes + other] += (float) ((1 - smoothing) * (1 - lambda));
      }
      return targets;
    }
  }

  public BatchMix {
    if (!(mixupAlpha >= 0 && cutmixAlpha >= 0)) {
      throw new IllegalArgumentException(
          "the alphas of mixup and cutmix must be 0 or more, not %s and %s"
              .formatted(mixupAlpha, cutmixAlpha));
    }
    if (!(probability >= 0 && probability <= 1)
        || !(switchProbability >= 0 && switchProbability <= 1)) {
      throw new IllegalArgumentException(
          "the probabilities of mixing and of switching must be in 0..1, not %s and %s"
              .formatted(probability, switchProbability));
    }
  }

  /** Never mixes. */
  public static BatchMix none() {
    return new BatchMix(0, 0, 0, 0);
  }

  /** Whether this ever mixes. */
  public boolean enabled() {
    return probability > 0 && (mixupAlpha > 0 || cutmixAlpha > 0);
  }

  /**
   * Draws for one batch of images of this size.
   *
   * @param batch samples, at least 1
   */
  public Mixture sample(int batch, int width, int height, RandomSource random) {
    if (!enabled() || !random.chance(probability)) {
      return new Mixture(batch, 1, null);
    }
    boolean both = mixupAlpha > 0 && cutmixAlpha > 0;
    boolean cutmix = both ? random.chance(switchProbability) : cutmixAlpha > 0;
    double drawn = symmetricBeta(cutmix ? cutmixAlpha : mixupAlpha, random);
    if (!cutmix) {
      return new Mixture(batch, drawn, null);
    }
    Region box = box(drawn, width, height, random);
    // The box is cut at the image's edge, so lambda follows from what is left of it.
    double area = box == null ? 0 : (double) box.width() * box.height();
    return new Mixture(batch, 1 - area / ((double) width * height), box);
  }

  /** A box of 1 - lambda of the area about a uniformly drawn centre; null when nothing is left. */
  private static Region box(double lambda, int width, int height, RandomSource random) {
    double side = Math.sqrt(1 - lambda);
    int halfWidth = (int) (width * side) / 2;
    int halfHeight = (int) (height * side) / 2;
    int y = random.nextInt(height);
    int x = random.nextInt(width);
    int left = Math.max(0, x - halfWidth);
    int right = Math.min(width, x + halfWidth);
    int top = Math.max(0, y - halfHeight);
    int bottom = Math.min(height, y + halfHeight);
    return right > left && bottom > top ? new Region(left, top, right - left, bottom - top) : null;
  }

  /** Draws from Beta(alpha, alpha). */
  private static double symmetricBeta(double alpha, RandomSource random) {
    double a = gamma(alpha, random);
    double b = gamma(alpha, random);
    return a + b > 0 ? a / (a + b) : random.nextInt(2);
  }

  /**
   * Draws from Gamma(shape, 1) (Marsaglia and Tsang, "A simple method for generating gamma
   * variables", 2000).
   */
  private static double gamma(double shape, RandomSource random) {
    if (shape < 1) {
      // Of shape + 1, brought down by a power of a uniform draw.
      return gamma(shape + 1, random) * StrictMath.pow(1 - random.nextDouble(), 1 / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = 1 + c * x;
      if (v <= 0) {
        continue;
      }
      v = v * v * v;
      double bound = 0.5 * x * x + d - d * v + d * StrictMath.log(v);
      if (StrictMath.log(1 - random.nextDouble()) < bound) {
        return d * v;
      }
    }
  }
}
