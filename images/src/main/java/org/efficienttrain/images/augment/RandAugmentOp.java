package org.efficienttrain.images.augment;

import org.efficienttrain.images.Image;
import org.efficienttrain.images.pixel.Affine;
import org.efficienttrain.images.pixel.ColourOps;

/**
 * The operations of RandAugment in timm's "increasing" set: a larger level is a stronger change in
 * every one. Levels run from 0 to 10 and may be fractions.
 *
 * <p>Level 0 is not the identity everywhere: the first three operations have no strength, and
 * {@link #POSTERIZE} still keeps only four bits.
 */
public enum RandAugmentOp {
  AUTO_CONTRAST(false) {
    @Override
    Image apply(Image image, double level, int fill) {
      return ColourOps.autoContrast(image);
    }
  },
  EQUALIZE(false) {
    @Override
    Image apply(Image image, double level, int fill) {
      return ColourOps.equalize(image);
    }
  },
  INVERT(false) {
    @Override
    Image apply(Image image, double level, int fill) {
      return ColourOps.invert(image);
    }
  },
  /** Up to 30 degrees. */
  ROTATE(true) {
    @Override
    Image apply(Image image, double level, int fill) {
      return Affine.rotate(image, level / MAX_LEVEL * 30, fill);
    }
  },
  /** Keeps 4 bits at level 0, none at level 10. */
  POSTERIZE(false) {
    @Override
    Image apply(Image image, double level, int fill) {
      return ColourOps.posterize(image, 4 - (int) (level / MAX_LEVEL * 4));
    }
  },
  /** Threshold 256 (no change) at level 0, 0 (the negative) at level 10. */
  SOLARIZE(false) {
    @Override
    Image apply(Image image, double level, int fill) {
      return ColourOps.solarize(image, 256 - Math.min(256, (int) (level / MAX_LEVEL * 256)));
    }
  },
  /** Adds up to 110 to the darker half. */
  SOLARIZE_ADD(false) {
    @Override
    Image apply(Image image, double level, int fill) {
      return ColourOps.solarizeAdd(image, Math.min(128, (int) (level / MAX_LEVEL * 110)));
    }
  },
  /** Saturation between 0.1 and 1.9 times. */
  COLOUR(true) {
    @Override
    Image apply(Image image, double level, int fill) {
      return ColourOps.saturation(image, factor(level));
    }
  },
  /** Contrast between 0.1 and 1.9 times. */
  CONTRAST(true) {
    @Override
    Image apply(Image image, double level, int fill) {
      return ColourOps.contrast(image, factor(level));
    }
  },
  /** Brightness between 0.1 and 1.9 times. */
  BRIGHTNESS(true) {
    @Override
    Image apply(Image image, double level, int fill) {
      return ColourOps.brightness(image, factor(level));
    }
  },
  /** Sharpness between 0.1 and 1.9 times. */
  SHARPNESS(true) {
    @Override
    Image apply(Image image, double level, int fill) {
      return ColourOps.sharpness(image, factor(level));
    }
  },
  /** Up to 0.3 pixels per row. */
  SHEAR_X(true) {
    @Override
    Image apply(Image image, double level, int fill) {
      return Affine.shearX(image, level / MAX_LEVEL * 0.3, fill);
    }
  },
  /** Up to 0.3 pixels per column. */
  SHEAR_Y(true) {
    @Override
    Image apply(Image image, double level, int fill) {
      return Affine.shearY(image, level / MAX_LEVEL * 0.3, fill);
    }
  },
  /** Up to 0.45 of the width. */
  TRANSLATE_X(true) {
    @Override
    Image apply(Image image, double level, int fill) {
      return Affine.translateX(image, level / MAX_LEVEL * 0.45 * image.width(), fill);
    }
  },
  /** Up to 0.45 of the height. */
  TRANSLATE_Y(true) {
    @Override
    Image apply(Image image, double level, int fill) {
      return Affine.translateY(image, level / MAX_LEVEL * 0.45 * image.height(), fill);
    }
  };

  /** The level of the strongest change. */
  public static final double MAX_LEVEL = 10;

  private final boolean signed;

  RandAugmentOp(boolean signed) {
    this.signed = signed;
  }

  /** Whether the change has two directions, of which one is drawn at random. */
  public boolean signed() {
    return signed;
  }

  /**
   * Changes an image.
   *
   * @param level strength, -10 to 10; negative for the other direction where there are two
   * @param fill colour 0xRRGGBB of what a geometric operation moves in from outside
   */
  abstract Image apply(Image image, double level, int fill);

  private static double factor(double level) {
    return 1 + level / MAX_LEVEL * 0.9;
  }
}
