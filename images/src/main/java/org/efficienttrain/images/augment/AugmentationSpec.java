package org.efficienttrain.images.augment;

import org.efficienttrain.images.pixel.ImageDecoder;
import org.efficienttrain.images.pixel.Interpolation;

/**
 * What the workers do to the images of a run. The published recipes differ in these values, and in
 * what happens on the device, and in nothing else about their images.
 *
 * @param imageSize S, side of the training images at full bandwidth, in pixels
 * @param crop how a sample is cut out
 * @param interpolation filter of the crop's and the evaluation's resizing
 * @param flipProbability of mirroring left to right
 * @param policy RandAugment, ThreeAugment or none; its strength is the curriculum's magnitude
 * @param colourJitter strength of the colour jitter after the policy, 0 for none
 * @param evaluationCrop share of an image's shorter side that the central crop of evaluation keeps
 *     (timm's {@code crop_pct}), above 0 and at most 1
 * @param lowFrequency where samples are reduced to the bandwidth
 * @param augmentAtBandwidth whether {@link LowFrequency#DCT} may run the policy at B x B instead of
 *     S x S
 * @param maxPixels most pixels an image file may have
 */
public record AugmentationSpec(
    int imageSize,
    Crop crop,
    Interpolation interpolation,
    double flipProbability,
    Policy policy,
    double colourJitter,
    double evaluationCrop,
    LowFrequency lowFrequency,
    boolean augmentAtBandwidth,
    long maxPixels) {

  public AugmentationSpec {
    if (imageSize < 1) {
      throw new IllegalArgumentException("the image size must be positive, not " + imageSize);
    }
    if (!(flipProbability >= 0 && flipProbability <= 1)) {
      throw new IllegalArgumentException(
          "the probability of a flip must be in 0..1, not " + flipProbability);
    }
    if (!(evaluationCrop > 0 && evaluationCrop <= 1)) {
      throw new IllegalArgumentException(
          "the evaluation crop must be above 0 and at most 1, not " + evaluationCrop);
    }
  }

  /**
   * The recipe of DeiT, Swin, ConvNeXt and both EfficientTrain papers: random resized crop
   * (bicubic), flip, RandAugment, evaluation on the central 0.875. Erasing and mixing happen on the
   * device, see {@link RandomErasing} and {@link BatchMix}.
   */
  public static AugmentationSpec imagenet(int imageSize) {
    return new AugmentationSpec(
        imageSize,
        RandomResizedCrop.standard(),
        Interpolation.BICUBIC,
        0.5,
        RandAugment.standard(),
        0,
        0.875,
        LowFrequency.FOURIER,
        false,
        ImageDecoder.DEFAULT_MAX_PIXELS);
  }

  /** The recipe for CIFAR: 32 x 32, padded crop by 4, flip, and nothing else. */
  public static AugmentationSpec cifar() {
    return small(32);
  }

  /** The recipe of CIFAR at another size: padded by an eighth of the side, flipped. */
  public static AugmentationSpec small(int imageSize) {
    return none(imageSize).withCrop(new PaddedCrop(Math.max(1, imageSize / 8))).withFlip(0.5);
  }

  /** No augmentation: every image whole, warped to the training size where it has another. */
  public static AugmentationSpec none(int imageSize) {
    return new AugmentationSpec(
        imageSize,
        new Crop.Whole(),
        Interpolation.BICUBIC,
        0,
        Policy.NONE,
        0,
        1,
        LowFrequency.FOURIER,
        false,
        ImageDecoder.DEFAULT_MAX_PIXELS);
  }

  /** The same with another crop. */
  public AugmentationSpec withCrop(Crop value) {
    return new AugmentationSpec(
        imageSize,
        value,
        interpolation,
        flipProbability,
        policy,
        colourJitter,
        evaluationCrop,
        lowFrequency,
        augmentAtBandwidth,
        maxPixels);
  }

  /** The same with another probability of a flip. */
  public AugmentationSpec withFlip(double value) {
    return new AugmentationSpec(
        imageSize,
        crop,
        interpolation,
        value,
        policy,
        colourJitter,
        evaluationCrop,
        lowFrequency,
        augmentAtBandwidth,
        maxPixels);
  }

  /** The same with another policy. */
  public AugmentationSpec withPolicy(Policy value) {
    return new AugmentationSpec(
        imageSize,
        crop,
        interpolation,
        flipProbability,
        value,
        colourJitter,
        evaluationCrop,
        lowFrequency,
        augmentAtBandwidth,
        maxPixels);
  }

  /** The same with another colour jitter. */
  public AugmentationSpec withColourJitter(double value) {
    return new AugmentationSpec(
        imageSize,
        crop,
        interpolation,
        flipProbability,
        policy,
        value,
        evaluationCrop,
        lowFrequency,
        augmentAtBandwidth,
        maxPixels);
  }

  /** The same with another central crop of evaluation. */
  public AugmentationSpec withEvaluationCrop(double value) {
    return new AugmentationSpec(
        imageSize,
        crop,
        interpolation,
        flipProbability,
        policy,
        colourJitter,
        value,
        lowFrequency,
        augmentAtBandwidth,
        maxPixels);
  }

  /** The same with another way of reducing to the bandwidth. */
  public AugmentationSpec withLowFrequency(LowFrequency value) {
    return new AugmentationSpec(
        imageSize,
        crop,
        interpolation,
        flipProbability,
        policy,
        colourJitter,
        evaluationCrop,
        value,
        augmentAtBandwidth,
        maxPixels);
  }

  /** The same with another permission for the policy to run at the bandwidth. */
  public AugmentationSpec withAugmentAtBandwidth(boolean value) {
    return new AugmentationSpec(
        imageSize,
        crop,
        interpolation,
        flipProbability,
        policy,
        colourJitter,
        evaluationCrop,
        lowFrequency,
        value,
        maxPixels);
  }

  /** The same with another limit on the size of image files. */
  public AugmentationSpec withMaxPixels(long value) {
    return new AugmentationSpec(
        imageSize,
        crop,
        interpolation,
        flipProbability,
        policy,
        colourJitter,
        evaluationCrop,
        lowFrequency,
        augmentAtBandwidth,
        value);
  }
}
