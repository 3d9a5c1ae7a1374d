/**
 * From files to batches: datasets, decoding, augmentation, loading.
 *
 * <p>This module is the only one that knows OpenCV. It knows no tensor: it hands out bytes. The
 * randomness of a sample depends on (seed, epoch, index) and on nothing else.
 */
package org.efficienttrain.images;
