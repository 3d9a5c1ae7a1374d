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
 * @param colorJitter strength of the colour jitter after the policy, 0 for none
 * @param evaluationCrop share of an image's shorter side that the central crop of evaluation keeps
 *     (timm's {@code crop_pct}), above 0 and at most 1
 * @param lowFrequency where samples are reduced to the bandwidth
 * @param augmentAtBandwidth whether {@link LowFrequency#DCT} may run the policy at B x B instead of
 *     S x S
 * @param maxPixels most pixels an image file may have
 */
public record AugmentationSpec(
    int imageSize,
    SampleCrop crop,
    Interpolation interpolation,
    double flipProbability,
    Policy policy,
    double colorJitter,
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
    return none(imageSize).toBuilder()
        .crop(new PaddedCrop(Math.max(1, imageSize / 8)))
        .flipProbability(0.5)
        .build();
  }

  /** No augmentation: every image whole, warped to the training size where it has another. */
  public static AugmentationSpec none(int imageSize) {
    return new AugmentationSpec(
        imageSize,
        new SampleCrop.Whole(),
        Interpolation.BICUBIC,
        0,
        Policy.NONE,
        0,
        1,
        LowFrequency.FOURIER,
        false,
        ImageDecoder.DEFAULT_MAX_PIXELS);
  }

  /** The same with another evaluation crop. */
  public AugmentationSpec withEvaluationCrop(double value) {
    return toBuilder().evaluationCrop(value).build();
  }

  /** A builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Changes some values of an {@link AugmentationSpec}. */
  public static final class Builder {
    private final AugmentationSpec from;
    private SampleCrop crop;
    private double flipProbability;
    private Policy policy;
    private double colorJitter;
    private double evaluationCrop;
    private LowFrequency lowFrequency;
    private boolean augmentAtBandwidth;

    private Builder(AugmentationSpec from) {
      this.from = from;
      crop = from.crop;
      flipProbability = from.flipProbability;
      policy = from.policy;
      colorJitter = from.colorJitter;
      evaluationCrop = from.evaluationCrop;
      lowFrequency = from.lowFrequency;
      augmentAtBandwidth = from.augmentAtBandwidth;
    }

    public Builder crop(SampleCrop value) {
      crop = value;
      return this;
    }

    public Builder flipProbability(double value) {
      flipProbability = value;
      return this;
    }

    public Builder policy(Policy value) {
      policy = value;
      return this;
    }

    public Builder colorJitter(double value) {
      colorJitter = value;
      return this;
    }

    public Builder evaluationCrop(double value) {
      evaluationCrop = value;
      return this;
    }

    public Builder lowFrequency(LowFrequency value) {
      lowFrequency = value;
      return this;
    }

    public Builder augmentAtBandwidth(boolean value) {
      augmentAtBandwidth = value;
      return this;
    }

    /** The spec; refuses values out of range. */
    public AugmentationSpec build() {
      return new AugmentationSpec(
          from.imageSize,
          crop,
          from.interpolation,
          flipProbability,
          policy,
          colorJitter,
          evaluationCrop,
          lowFrequency,
          augmentAtBandwidth,
          from.maxPixels);
    }
  }
}
