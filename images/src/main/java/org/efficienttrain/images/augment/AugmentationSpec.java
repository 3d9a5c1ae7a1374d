package org.efficienttrain.images.augment;

import java.util.function.Consumer;

/**
 * What the workers do to the images of a run. The published recipes differ in these values, and in
 * what happens on the device, and in nothing else about their images. Immutable; {@code with...}
 * gives a changed copy.
 */
public final class AugmentationSpec implements Cloneable {
  private final int imageSize;
  private SampleCrop crop = new SampleCrop.Whole();
  private double flipProbability;
  private Policy policy = Policy.NONE;
  private double colorJitter;
  private double evaluationCrop = 1;
  private LowFrequency lowFrequency = LowFrequency.FOURIER;
  private boolean augmentAtBandwidth;

  private AugmentationSpec(int imageSize) {
    require(imageSize >= 1, "the image size must be positive, not ", imageSize);
    this.imageSize = imageSize;
  }

  private static void require(boolean holds, String what, double value) {
    if (!holds) {
      throw new IllegalArgumentException(what + value);
    }
  }

  /**
   * The recipe of DeiT, Swin, ConvNeXt and both EfficientTrain papers: random resized crop
   * (bicubic), flip, RandAugment, evaluation on the central 0.875. Erasing and mixing happen on the
   * device, see {@link RandomErasing} and {@link BatchMix}.
   */
  public static AugmentationSpec imagenet(int imageSize) {
    return none(imageSize)
        .withCrop(RandomResizedCrop.standard())
        .withFlipProbability(0.5)
        .withPolicy(RandAugment.standard())
        .withEvaluationCrop(0.875);
  }

  /** The recipe for CIFAR: 32 x 32, padded crop by 4, flip, and nothing else. */
  public static AugmentationSpec cifar() {
    return small(32);
  }

  /** The recipe of CIFAR at another size: padded by an eighth of the side, flipped. */
  public static AugmentationSpec small(int imageSize) {
    return none(imageSize)
        .withCrop(new PaddedCrop(Math.max(1, imageSize / 8)))
        .withFlipProbability(0.5);
  }

  /**
   * No augmentation: every image whole, warped to the training size where it has another.
   *
   * @param imageSize S, side of the training images at full bandwidth, in pixels
   */
  public static AugmentationSpec none(int imageSize) {
    return new AugmentationSpec(imageSize);
  }

  private AugmentationSpec with(Consumer<AugmentationSpec> change) {
    try {
      AugmentationSpec copy = (AugmentationSpec) clone();
      change.accept(copy);
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How a sample is cut out. */
  public AugmentationSpec withCrop(SampleCrop value) {
    return with(s -> s.crop = value);
  }

  /** Probability of mirroring left to right. */
  public AugmentationSpec withFlipProbability(double value) {
    require(value >= 0 && value <= 1, "the probability of a flip must be in 0..1, not ", value);
    return with(s -> s.flipProbability = value);
  }

  /** RandAugment, ThreeAugment or none; its strength is the curriculum's magnitude. */
  public AugmentationSpec withPolicy(Policy value) {
    return with(s -> s.policy = value);
  }

  /** Strength of the colour jitter after the policy, 0 for none. */
  public AugmentationSpec withColorJitter(double value) {
    return with(s -> s.colorJitter = value);
  }

  /**
   * Share of an image's shorter side that the central crop of evaluation keeps (timm's {@code
   * crop_pct}), above 0 and at most 1.
   */
  public AugmentationSpec withEvaluationCrop(double value) {
    require(
        value > 0 && value <= 1, "the evaluation crop must be above 0 and at most 1, not ", value);
    return with(s -> s.evaluationCrop = value);
  }

  /** Where samples are reduced to the bandwidth. */
  public AugmentationSpec withLowFrequency(LowFrequency value) {
    return with(s -> s.lowFrequency = value);
  }

  /** Whether {@link LowFrequency#DCT} may run the policy at B x B instead of S x S. */
  public AugmentationSpec withAugmentAtBandwidth(boolean value) {
    return with(s -> s.augmentAtBandwidth = value);
  }

  /** Side of the final images, in pixels. */
  public int imageSize() {
    return imageSize;
  }

  /** How a training image is cut out. */
  public SampleCrop crop() {
    return crop;
  }

  /** Chance, 0 to 1, that a training image is mirrored. */
  public double flipProbability() {
    return flipProbability;
  }

  /** What is done to colours and shapes besides. */
  public Policy policy() {
    return policy;
  }

  /** Strength of changes of brightness, contrast and saturation; 0 is none. */
  public double colorJitter() {
    return colorJitter;
  }

  /**
   * Share, above 0 and at most 1, of the shorter side that the centre crop of an evaluation keeps.
   */
  public double evaluationCrop() {
    return evaluationCrop;
  }

  /** Where samples are reduced to the bandwidth. */
  public LowFrequency lowFrequency() {
    return lowFrequency;
  }

  /** Whether {@link LowFrequency#DCT} may run the policy at the bandwidth. */
  public boolean augmentAtBandwidth() {
    return augmentAtBandwidth;
  }
}
