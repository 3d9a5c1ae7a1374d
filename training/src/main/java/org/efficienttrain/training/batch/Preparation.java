package org.efficienttrain.training.batch;

import java.nio.ByteBuffer;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.augment.RandomErasing;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;

/**
 * The way of a batch on the device, at one bandwidth: bytes to normalised numbers, erasing, the
 * low-frequency crop. EfficientTrain erases before the crop, EfficientTrain++ after it.
 *
 * <p>Holds small constants outside any scope until closed.
 */
public final class Preparation implements AutoCloseable {
  private final int side;
  private final Normaliser normaliser;
  private final LowFrequencyCrop crop;
  private final RandomErasing erasing;
  private final boolean eraseAfterCrop;

  /**
   * Prepares the constants, outside any scope.
   *
   * @param side of the images that come, in pixels
   * @param bandwidth side of the low-frequency crop
   * @param eraseAfterCrop whether erasing follows the crop or comes before it
   */
  public Preparation(
      int side, int bandwidth, Device device, RandomErasing erasing, boolean eraseAfterCrop) {
    this.side = side;
    this.crop = new LowFrequencyCrop(side, bandwidth, device);
    this.erasing = erasing;
    this.eraseAfterCrop = eraseAfterCrop;
    this.normaliser = new Normaliser(Normalisation.mean(), Normalisation.std(), device);
  }

  /** For an evaluation: nothing is erased. */
  public Preparation(int side, int bandwidth, Device device) {
    this(side, bandwidth, device, RandomErasing.withProbability(0), false);
  }

  /**
   * What the network sees of some images.
   *
   * @param pixels {@code count * side * side * 3} bytes: samples, rows, columns, RGB
   * @param random what erasing draws from
   * @return (N, 3, B, B) in float32
   */
  public Tensor apply(ByteBuffer pixels, int count, RandomSource random) {
    try (Scope scope = Scope.open()) {
      Tensor images = normaliser.apply(pixels, count, side);
      if (!eraseAfterCrop) {
        BatchPreparation.erase(images, erasing, random);
      }
      images = crop.apply(images);
      if (eraseAfterCrop) {
        BatchPreparation.erase(images, erasing, random);
      }
      return scope.keep(images);
    }
  }

  /** The same without chance, where nothing is erased. */
  public Tensor apply(ByteBuffer pixels, int count) {
    return apply(pixels, count, RandomSource.of(0, 0));
  }

  @Override
  public void close() {
    crop.close();
    normaliser.close();
  }
}
