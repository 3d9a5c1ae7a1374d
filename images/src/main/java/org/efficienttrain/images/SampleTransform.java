package org.efficienttrain.images;

import java.nio.ByteBuffer;

/**
 * From the encoded bytes of one sample to the pixels that the network sees: decoding, cropping,
 * augmentation. It is the seam between loading and augmentation.
 *
 * <p>The result may depend on the arguments alone, so that it is the same whichever thread computes
 * it. Implementations are called by many threads at once.
 */
@FunctionalInterface
public interface SampleTransform {
  /**
   * Writes exactly {@code exposure.bytes()} bytes, interleaved RGB row by row, at the position of
   * the target, and moves the position behind them.
   *
   * @param encoded a file as {@link ImageDataset#read} hands it out; not to be changed
   * @param random the only source of chance
   * @param target usually direct memory, with at least {@code exposure.bytes()} bytes remaining
   * @throws BrokenImageException when the bytes are not a usable image
   */
  void apply(byte[] encoded, SampleExposure exposure, RandomSource random, ByteBuffer target);
}
