package org.efficienttrain.training.batch;

import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.augment.BatchMix;
import org.efficienttrain.images.augment.RandomErasing;
import org.efficienttrain.images.pixel.Region;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/** What happens to images on the device besides the crop: erasing, mixing; and their labels. */
public final class BatchPreparation {
  private BatchPreparation() {}

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
          Tensor window = inside(images.narrow(0, i, 1), box);
          // In place a window is drawn number by number, which takes several times as long.
          window.copy_(
              Tensors.empty(window.dtype(), window.device(), window.shape()).normal_(0, 1));
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
    Region box = mixture.box();
    try (Scope scope = Scope.open()) {
      if (box != null) {
        Tensor window = inside(images, box);
        window.copy_(window.flip(0));
        return images;
      }
      double lambda = mixture.lambda();
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
