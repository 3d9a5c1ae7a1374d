package org.efficienttrain.training.batch;

import java.nio.ByteBuffer;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.augment.BatchMix;
import org.efficienttrain.images.augment.RandomErasing;
import org.efficienttrain.images.pixel.Region;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * What happens to a batch between the loader and the network, on the device: (N, S, S, 3) bytes
 * become (N, 3, B, B) normalised, erased, cropped and mixed images.
 */
public final class BatchPreparation {
  private BatchPreparation() {}

  /**
   * Copies pixels to the device.
   *
   * @param pixels {@code count * side * side * 3} bytes: samples, rows, columns, RGB
   * @return (N, 3, S, S) in uint8, its elements still in the order N, S, S, 3
   */
  public static Tensor upload(ByteBuffer pixels, int count, int side, Device device) {
    try (Scope scope = Scope.open()) {
      Tensor bytes = Tensors.of(pixels, DType.UINT8, count, side, side, 3);
      Tensor moved = device.isCuda() ? bytes.pinMemory().to(device, DType.UINT8, true) : bytes;
      return scope.keep(moved.permute(0, 3, 1, 2));
    }
  }

  /**
   * Bytes to numbers of mean 0 and deviation 1, channel by channel: (x / 255 - mean) / std.
   *
   * @param images (N, 3, S, S) in uint8
   * @return the same shape in float32, in the same order of elements
   */
  public static Tensor normalise(Tensor images) {
    double[] mean = Normalisation.mean();
    double[] std = Normalisation.std();
    float[] factor = new float[3];
    float[] offset = new float[3];
    for (int c = 0; c < 3; c++) {
      factor[c] = (float) (1 / (255 * std[c]));
      offset[c] = (float) (mean[c] / std[c]);
    }
    try (Scope scope = Scope.open()) {
      Device device = images.device();
      Tensor x = images.to(DType.FLOAT32);
      x.mul_(Tensors.of(factor, 1, 3, 1, 1).to(device));
      return scope.keep(x.sub_(Tensors.of(offset, 1, 3, 1, 1).to(device)));
    }
  }

  /** Random erasing in place: the drawn rectangle of an image becomes standard normal noise. */
  public static void erase(Tensor images, RandomErasing erasing, RandomSource random) {
    if (erasing.probability() == 0) {
      return;
    }
    int side = (int) images.size(2);
    for (int i = 0; i < images.size(0); i++) {
      Region box = erasing.sample(side, side, random).orElse(null);
      if (box != null) {
        try (Scope scope = Scope.open()) {
          inside(images.narrow(0, i, 1), box).normal_(0, 1);
        }
      }
    }
  }

  /**
   * Mixes every image with its partner, the same position counted from the end (Zhang et al. 2018,
   * Yun et al. 2019).
   *
   * @param images (N, 3, B, B); may be changed
   * @param mixture one draw for the whole batch
   */
  public static Tensor mix(Tensor images, BatchMix.Mixture mixture) {
    if (mixture.identity()) {
      return images;
    }
    Region box = mixture.box(0);
    try (Scope scope = Scope.open()) {
      if (box != null) {
        Tensor window = inside(images, box);
        window.copy_(window.flip(0));
        return images;
      }
      double lambda = mixture.lambda(0);
      return scope.keep(images.mul(lambda).add_(images.flip(0), 1 - lambda));
    }
  }

  private static Tensor inside(Tensor images, Region box) {
    return images.narrow(2, box.y(), box.height()).narrow(3, box.x(), box.width());
  }

  /** Class numbers as (N) in int64 on the device. */
  public static Tensor labels(int[] labels, int from, int count, Device device) {
    long[] numbers = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = labels[from + i];
    }
    try (Scope scope = Scope.open()) {
      return scope.keep(Tensors.of(numbers).to(device));
    }
  }
}
