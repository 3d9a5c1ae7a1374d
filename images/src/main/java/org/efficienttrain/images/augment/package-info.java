/**
 * Augmentation: what is drawn at random, and what is done with it.
 *
 * <p>An {@link org.efficienttrain.images.augment.AugmentationSpec} describes the augmentation of a
 * run; {@link org.efficienttrain.images.augment.SampleTransforms} builds the transforms of the
 * workers from it. Each augmentation is a record of its settings with one pure function of an image
 * and a random source; semantics and defaults are those of timm 0.4.12, which the published recipes
 * were run with.
 *
 * <p>What happens to a batch on the device (erasing, mixup, cutmix) is only drawn here, as numbers:
 * this module knows no tensor. Arithmetic on pixels belongs in {@code
 * org.efficienttrain.images.pixel}.
 */
package org.efficienttrain.images.augment;
