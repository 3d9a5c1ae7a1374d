/**
 * Checkpoints: a run on disk, whole or not at all.
 *
 * <p>A checkpoint is a folder of weight files, {@code state.json} and {@code SHA256SUMS}, written
 * aside, forced to the disk and renamed. Nothing here knows what training is: it stores named
 * tensors and a JSON document, and gives back the newest that is sound.
 */
package org.efficienttrain.training.checkpoint;
