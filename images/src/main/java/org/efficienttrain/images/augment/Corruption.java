package org.efficienttrain.images.augment;

import java.nio.ByteBuffer;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.SampleTransform;
import org.efficienttrain.images.pixel.GaussianBlur;
import org.efficienttrain.images.pixel.ImageDecoder;
import org.efficienttrain.images.pixel.ImageEncoder;

/**
 * Damage that photographs suffer, at five strengths, to measure how a network bears it: five of the
 * kinds of ImageNet-C and CIFAR-10-C (Hendrycks and Dietterich, "Benchmarking neural network
 * robustness to common corruptions and perturbations", ICLR 2019), with their values.
 *
 * <p>Images below {@value #SMALL} pixels get those of CIFAR-10-C, larger ones those of ImageNet-C,
 * of which the blur is in proportion to the side, so that 224 pixels have the published one.
 */
public enum Corruption {
  /** Gaussian noise; strengths are deviations in 0..1. */
  NOISE {
    @Override
    Image damage(Image image, double strength, RandomSource random) {
      return map(image, value -> value + strength * random.nextGaussian());
    }
  },
  /** Gaussian blur; strengths are deviations in pixels. */
  BLUR {
    @Override
    Image damage(Image image, double strength, RandomSource random) {
      double scale = image.width() < SMALL ? 1 : image.width() / PUBLISHED_SIDE;
      return GaussianBlur.blur(image, strength * scale);
    }
  },
  /** Compression; strengths are qualities of JPEG. */
  JPEG {
    @Override
    Image damage(Image image, double strength, RandomSource random) {
      return new ImageDecoder().decode(ImageEncoder.jpeg(image, (int) strength));
    }
  },
  /** Less contrast; strengths are what is left of the distance to each channel's mean. */
  CONTRAST {
    @Override
    Image damage(Image image, double strength, RandomSource random) {
      double[] means = means(image);
      int[] channel = {0};
      return map(
          image,
          value -> {
            double mean = means[channel[0]++ % Image.CHANNELS];
            return (value - mean) * strength + mean;
          });
    }
  },
  /** More light; strengths are added to the value of hue, saturation and value, in 0..1. */
  BRIGHTNESS {
    @Override
    Image damage(Image image, double strength, RandomSource random) {
      return brighten(image, strength);
    }
  };

  /** Number of strengths of each kind. */
  public static final int STRENGTHS = 5;

  /** From this side on an image counts as a large one. */
  static final int SMALL = 64;

  /** Side of the images that ImageNet-C's values are for. */
  private static final double PUBLISHED_SIDE = 224;

  /** The published values, from the weakest. */
  private double[] strengths(boolean small) {
    return switch (this) {
      case NOISE ->
          small
              ? new double[] {0.04, 0.06, 0.08, 0.09, 0.10}
              : new double[] {0.08, 0.12, 0.18, 0.26, 0.38};
      case BLUR -> small ? new double[] {0.4, 0.6, 0.7, 0.8, 1} : new double[] {1, 2, 3, 4, 6};
      case JPEG -> small ? new double[] {80, 65, 58, 50, 40} : new double[] {25, 18, 15, 10, 7};
      case CONTRAST ->
          small
              ? new double[] {0.75, 0.5, 0.4, 0.3, 0.15}
              : new double[] {0.4, 0.3, 0.2, 0.1, 0.05};
      case BRIGHTNESS ->
          small ? new double[] {0.05, 0.1, 0.15, 0.2, 0.3} : new double[] {0.1, 0.2, 0.3, 0.4, 0.5};
    };
  }

  /** The image at one published strength. */
  abstract Image damage(Image image, double strength, RandomSource random);

  /**
   * A damaged copy.
   *
   * @param image square, as the network sees it
   * @param strength 1 to {@value #STRENGTHS}
   * @param random the only source of chance
   */
  public Image apply(Image image, int strength, RandomSource random) {
    if (strength < 1 || strength > STRENGTHS) {
      throw new IllegalArgumentException(
          "the strength of a corruption is 1 to %d, not %d".formatted(STRENGTHS, strength));
    }
    return damage(image, strengths(image.width() < SMALL)[strength - 1], random);
  }

  /**
   * A transform whose result is damaged.
   *
   * @param strength 1 to {@value #STRENGTHS}
   * @param seed of the noise, which also depends on the sample's own chance
   */
  public SampleTransform after(SampleTransform transform, int strength, long seed) {
    return (encoded, exposure, random, target) -> {
      Image image = sample(transform, encoded, exposure, random);
      long stream = RandomSource.mix(RandomSource.mix(seed) + name().hashCode()) + strength;
      target.put(apply(image, strength, random.fork(stream)).pixels());
    };
  }

  private static Image sample(
      SampleTransform transform, byte[] encoded, SampleExposure exposure, RandomSource random) {
    byte[] pixels = new byte[exposure.bytes()];
    transform.apply(encoded, exposure, random, ByteBuffer.wrap(pixels));
    return new Image(pixels, exposure.side(), exposure.side());
  }

  /** From one channel value in 0..1 to another, which is cut to that range. */
  @FunctionalInterface
  private interface Change {
    double of(double value);
  }

  private static Image map(Image image, Change change) {
    byte[] in = image.pixels();
    byte[] out = new byte[in.length];
    for (int i = 0; i < in.length; i++) {
      out[i] = level(change.of((in[i] & 0xFF) / 255.0));
    }
    return new Image(out, image.width(), image.height());
  }

  /** As the published code turns numbers into bytes: cut off below, not rounded. */
  private static byte level(double value) {
    return (byte) (int) (255 * Math.max(0, Math.min(1, value)));
  }

  private static double[] means(Image image) {
    double[] means = new double[Image.CHANNELS];
    byte[] pixels = image.pixels();
    for (int i = 0; i < pixels.length; i++) {
      means[i % Image.CHANNELS] += (pixels[i] & 0xFF) / 255.0;
    }
    for (int c = 0; c < Image.CHANNELS; c++) {
      means[c] /= (double) image.width() * image.height();
    }
    return means;
  }

  /** With hue and saturation kept, a larger value scales all three channels alike. */
  private static Image brighten(Image image, double added) {
    byte[] in = image.pixels();
    byte[] out = new byte[in.length];
    for (int i = 0; i < in.length; i += Image.CHANNELS) {
      double value = Math.max(in[i] & 0xFF, Math.max(in[i + 1] & 0xFF, in[i + 2] & 0xFF)) / 255.0;
      double wanted = Math.min(1, value + added);
      for (int c = 0; c < Image.CHANNELS; c++) {
        out[i + c] = level(value == 0 ? wanted : (in[i + c] & 0xFF) / 255.0 / value * wanted);
      }
    }
    return new Image(out, image.width(), image.height());
  }
}
