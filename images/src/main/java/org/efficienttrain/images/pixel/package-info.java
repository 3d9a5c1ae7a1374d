/**
 * Pixels: reading image files, and the arithmetic on bytes that augmentation is made of.
 *
 * <p>Here live decoding, behind a walk over the parts of a file ({@code JpegFile}, {@code PngFile}
 * and so on) that keeps hostile ones from the native decoder, Pillow's antialiased resizing, its
 * affine transform and its colour operations, each a pure function from pixels to pixels that draws
 * no random number. They follow Pillow to the last rounding, because the recipes of the field were
 * tuned on it. What to apply, and how strongly, is decided in {@code
 * org.efficienttrain.images.augment}.
 *
 * <p>Only this package may use OpenCV, and no native memory leaves it: a {@code Mat} is closed in
 * the method that made it.
 */
package org.efficienttrain.images.pixel;
