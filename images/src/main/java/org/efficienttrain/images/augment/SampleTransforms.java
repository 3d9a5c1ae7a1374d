package org.efficienttrain.images.augment;

import java.nio.ByteBuffer;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.SampleTransform;
import org.efficienttrain.images.pixel.ImageDecoder;
import org.efficienttrain.images.pixel.ImageHeader;
import org.efficienttrain.images.pixel.Interpolation;
import org.efficienttrain.images.pixel.PixelOps;
import org.efficienttrain.images.pixel.Region;
import org.efficienttrain.images.pixel.Resampler;

/** The transforms of the workers that an {@link AugmentationSpec} describes. */
public final class SampleTransforms {
  /** From this size on, evaluation warps the whole image to a square (as timm's recipes do). */
  private static final int WARP_FROM = 384;

  /** Of the crop's resizing and the evaluation's. */
  private static final Interpolation FILTER = Interpolation.BICUBIC;

  private SampleTransforms() {}

  /**
   * The training transform: crop, flip, policy, colour jitter. The exposure's side is S with {@link
   * LowFrequency#FOURIER}, and otherwise the bandwidth B, at most S.
   */
  public static SampleTransform training(AugmentationSpec spec) {
    ImageDecoder decoder = new ImageDecoder();
    return (encoded, exposure, random, target) ->
        write(train(spec, decoder, encoded, exposure, random), exposure, target);
  }

  /**
   * The evaluation transform, which draws nothing: the shorter side resized to {@code floor(side /
   * evaluationCrop)}, then the central square; from 384 on, the whole image warped to the square.
   * The side is the exposure's.
   */
  public static SampleTransform evaluation(AugmentationSpec spec) {
    ImageDecoder decoder = new ImageDecoder();
    return (encoded, exposure, random, target) ->
        write(
            evaluate(decoder.decode(encoded), exposure.side(), spec.evaluationCrop(), FILTER),
            exposure,
            target);
  }

  /**
   * One image as an evaluation shows it to the network: see {@link #evaluation}.
   *
   * @param encoded a whole image file
   * @param side of the square, in pixels
   * @return {@code side x side} RGB
   * @throws org.efficienttrain.images.BrokenImageException when the bytes are not a usable image
   */
  public static Image evaluate(AugmentationSpec spec, byte[] encoded, int side) {
    Image image = new ImageDecoder().decode(encoded);
    return evaluate(image, side, spec.evaluationCrop(), FILTER);
  }

  private static void write(Image image, SampleExposure exposure, ByteBuffer target) {
    if (image.width() != exposure.side() || image.height() != exposure.side()) {
      throw new IllegalStateException(
          "a sample of %d x %d instead of %d"
              .formatted(image.width(), image.height(), exposure.side()));
    }
    target.put(image.pixels());
  }

  private static Image train(
      AugmentationSpec spec,
      ImageDecoder decoder,
      byte[] encoded,
      SampleExposure exposure,
      RandomSource random) {
    int bandwidth = exposure.side();
    boolean direct =
        bandwidth >= spec.imageSize()
            || spec.lowFrequency() == LowFrequency.FOURIER
            || (spec.lowFrequency() == LowFrequency.DCT
                && (spec.augmentAtBandwidth() || barelyAugments(spec.policy(), exposure)));
    int side = direct ? bandwidth : spec.imageSize();
    Image image = crop(spec, decoder, encoded, side, random);
    image = spec.policy().apply(image, exposure.magnitude(), random);
    image = new ColorJitter(spec.colorJitter()).apply(image, random);
    return side == bandwidth
        ? image
        : Resampler.resize(image, bandwidth, bandwidth, Interpolation.LANCZOS);
  }

  /** Whether a policy does to an image of any size what it does to the full one. */
  private static boolean barelyAugments(Policy policy, SampleExposure exposure) {
    return policy == Policy.NONE || (policy instanceof RandAugment && exposure.magnitude() == 0);
  }

  private static Image crop(
      AugmentationSpec spec, ImageDecoder decoder, byte[] encoded, int side, RandomSource random) {
    if (spec.crop() instanceof RandomResizedCrop resized) {
      ImageHeader header = decoder.header(encoded);
      Region region = resized.sample(header.width(), header.height(), random);
      boolean mirror = random.chance(spec.flipProbability());
      return decoder.decodeResized(encoded, header, region, side, FILTER, mirror);
    }
    // The padding is in pixels of the full size, so the crop comes first and the reduction last.
    Image image = warp(decoder.decode(encoded), spec.imageSize(), FILTER);
    if (spec.crop() instanceof PaddedCrop padded) {
      image = padded.apply(image, random);
    }
    if (random.chance(spec.flipProbability())) {
      image = PixelOps.mirror(image);
    }
    return warp(image, side, Interpolation.LANCZOS);
  }

  private static Image warp(Image image, int side, Interpolation filter) {
    return image.width() == side && image.height() == side
        ? image
        : Resampler.resize(image, side, side, filter);
  }

  /** Resizes and cuts for evaluation. */
  static Image evaluate(Image image, int side, double cropShare, Interpolation filter) {
    if (side >= WARP_FROM) {
      return warp(image, side, filter);
    }
    int shorter = (int) Math.floor(side / cropShare);
    boolean landscape = image.width() >= image.height();
    int shortSide = landscape ? image.height() : image.width();
    int longSide = landscape ? image.width() : image.height();
    int longer = (int) ((long) shorter * longSide / shortSide);
    int width = landscape ? longer : shorter;
    int height = landscape ? shorter : longer;
    Region centre =
        new Region(
            (int) Math.rint((width - side) / 2.0),
            (int) Math.rint((height - side) / 2.0),
            side,
            side);
    return Resampler.resizeWindow(image, width, height, centre, filter);
  }
}
