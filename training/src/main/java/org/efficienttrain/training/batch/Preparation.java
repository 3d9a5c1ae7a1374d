package org.efficienttrain.training.batch;

import java.nio.ByteBuffer;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.augment.RandomErasing;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * The way of a batch on the device, at one bandwidth: bytes to normalised numbers, erasing, the
 * low-frequency crop. EfficientTrain erases before the crop, EfficientTrain++ after it.
 *
 * <p>Holds small constants outside any scope until closed.
 */
public final class Preparation implements AutoCloseable {
  private final int side;
  private final Device device;
  private final Tensor factor;
  private final Tensor offset;
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
    this.device = device;
    this.crop = new LowFrequencyCrop(side, bandwidth, device);
    this.erasing = erasing;
    this.eraseAfterCrop = eraseAfterCrop;
    double[] mean = Normalisation.mean();
    double[] std = Normalisation.std();
    double[] factors = new double[3];
    double[] offsets = new double[3];
    for (int c = 0; c < 3; c++) {
      factors[c] = 1 / (255 * std[c]);
      offsets[c] = mean[c] / std[c];
    }
    this.factor = Tensors.of(factors, 1, 3, 1, 1).to(device, DType.FLOAT32, false);
    this.offset = Tensors.of(offsets, 1, 3, 1, 1).to(device, DType.FLOAT32, false);
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
      Tensor images = normalise(pixels, count);
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

  /** (x / 255 - mean) / std, channel by channel. */
  private Tensor normalise(ByteBuffer pixels, int count) {
    return floats(pixels, count, side, device).mul_(factor).sub_(offset);
  }

  /**
   * Bytes as numbers from 0 to 255 on a device.
   *
   * @param pixels {@code count * side * side * 3} bytes: samples, rows, columns, RGB
   * @return (N, 3, S, S) in float32, its elements still in the order N, S, S, 3
   */
  public static Tensor floats(ByteBuffer pixels, int count, int side, Device device) {
    try (Scope scope = Scope.open()) {
      Tensor floats;
      if (device.isCuda()) {
        Tensor bytes = Tensors.of(pixels, DType.UINT8, count, side, side, 3).pinMemory();
        floats = bytes.to(device, DType.UINT8, true).to(DType.FLOAT32);
      } else {
        floats = Tensors.ofBytes(pixels, DType.FLOAT32, count, side, side, 3);
      }
      return scope.keep(floats.permute(0, 3, 1, 2));
    }
  }

  @Override
  public void close() {
    crop.close();
    factor.close();
    offset.close();
  }
}
