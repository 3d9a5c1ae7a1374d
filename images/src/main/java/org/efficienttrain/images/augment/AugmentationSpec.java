package org.efficienttrain.images.augment;

import org.efficienttrain.images.pixel.ImageDecoder;
import org.efficienttrain.images.pixel.Interpolation;

/**
 * All augmentation of a run. The published recipes differ in these values and in nothing else about
 * their images.
 *
 * @param imageSize S, side of the training images at full bandwidth, in pixels
 * @param crop how a sample is cut out
 * @param interpolation filter of the crop's and the evaluation's resizing
 * @param flipProbability of mirroring left to right
 * @param policy RandAugment, ThreeAugment or none; its strength is the curriculum's magnitude
 * @param colourJitter strength of the colour jitter after the policy, 0 for none
 * @param erasing rectangles erased on the device
 * @param mixing mixup and cutmix on the device
 * @param labelSmoothing share of a target that is spread over all classes, 0 to below 1
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
    RandomErasing erasing,
    BatchMix mixing,
    double labelSmoothing,
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
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new IllegalArgumentException(
          "label smoothing must be at least 0 and below 1, not " + labelSmoothing);
    }
    if (!(evaluationCrop > 0 && evaluationCrop <= 1)) {
      throw new IllegalArgumentException(
          "the evaluation crop must be above 0 and at most 1, not " + evaluationCrop);
    }
  }

  /**
   * The recipe of DeiT, Swin, ConvNeXt and both EfficientTrain papers: random resized crop
   * (bicubic), flip, RandAugment, erasing 0.25, mixup 0.8, cutmix 1.0, label smoothing 0.1,
   * evaluation on the central 0.875.
   */
  public static AugmentationSpec imagenet(int imageSize) {
    return new AugmentationSpec(
        imageSize,
        RandomResizedCrop.standard(),
        Interpolation.BICUBIC,
        0.5,
        RandAugment.standard(),
        0,
        RandomErasing.withProbability(0.25),
        BatchMix.standard(),
        0.1,
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
        RandomErasing.withProbability(0),
        BatchMix.none(),
        0,
        1,
        LowFrequency.FOURIER,
        false,
        ImageDecoder.DEFAULT_MAX_PIXELS);
  }

  /** The same with another image size. */
  public AugmentationSpec withImageSize(int value) {
    return new AugmentationSpec(
        value,
        crop,
        interpolation,
        flipProbability,
        policy,
        colourJitter,
        erasing,
        mixing,
        labelSmoothing,
        evaluationCrop,
        lowFrequency,
        augmentAtBandwidth,
        maxPixels);
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
        erasing,
        mixing,
        labelSmoothing,
        evaluationCrop,
        lowFrequency,
        augmentAtBandwidth,
        maxPixels);
  }

  /** The same with another interpolation. */
  public AugmentationSpec withInterpolation(Interpolation value) {
    return new AugmentationSpec(
        imageSize,
        crop,
        value,
        flipProbability,
        policy,
        colourJitter,
        erasing,
        mixing,
        labelSmoothing,
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
        erasing,
        mixing,
        labelSmoothing,
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
        erasing,
        mixing,
        labelSmoothing,
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
        erasing,
        mixing,
        labelSmoothing,
        evaluationCrop,
        lowFrequency,
        augmentAtBandwidth,
        maxPixels);
  }

  /** The same with another erasing. */
  public AugmentationSpec withErasing(RandomErasing value) {
    return new AugmentationSpec(
        imageSize,
        crop,
        interpolation,
        flipProbability,
        policy,
        colourJitter,
        value,
        mixing,
        labelSmoothing,
        evaluationCrop,
        lowFrequency,
        augmentAtBandwidth,
        maxPixels);
  }

  /** The same with another mixup and cutmix. */
  public AugmentationSpec withMixing(BatchMix value) {
    return new AugmentationSpec(
        imageSize,
        crop,
        interpolation,
        flipProbability,
        policy,
        colourJitter,
        erasing,
        value,
        labelSmoothing,
        evaluationCrop,
        lowFrequency,
        augmentAtBandwidth,
        maxPixels);
  }

  /** The same with another label smoothing. */
  public AugmentationSpec withLabelSmoothing(double value) {
    return new AugmentationSpec(
        imageSize,
        crop,
        interpolation,
        flipProbability,
        policy,
        colourJitter,
        erasing,
        mixing,
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
        erasing,
        mixing,
        labelSmoothing,
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
        erasing,
        mixing,
        labelSmoothing,
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
        erasing,
        mixing,
        labelSmoothing,
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
        erasing,
        mixing,
        labelSmoothing,
        evaluationCrop,
        lowFrequency,
        augmentAtBandwidth,
        value);
  }
}
