/**
 * From a dataset to batches: worker threads, the order of an epoch, buffers, broken files, caches
 * and the replay buffer.
 *
 * <p>{@link org.efficienttrain.images.loader.BatchLoader} is the way in. What lives here decides
 * which sample goes where and when; what is done to a sample is a {@link
 * org.efficienttrain.images.SampleTransform}, and where its bytes come from an {@link
 * org.efficienttrain.images.ImageDataset}. Nothing here decodes or changes a pixel.
 *
 * <p>The one promise that everything keeps: the bytes of a batch follow from the seed, the epoch,
 * and the indices in it. The number of workers, their timing, and where a run was started again
 * cannot change them.
 */
package org.efficienttrain.images.loader;
