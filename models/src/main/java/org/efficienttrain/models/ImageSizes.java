package org.efficienttrain.models;

import java.util.Arrays;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;

/**
 * The image sizes that a network runs at: multiples of a step from a smallest one on.
 *
 * @param multiple what a side must be divisible by, in pixels, at least 1
 * @param smallest the smallest side, in pixels; a multiple of {@code multiple}
 */
public record ImageSizes(int multiple, int smallest) {
  /** Every multiple of a step, from one step on. */
  public static ImageSizes multiplesOf(int multiple) {
    return new ImageSizes(multiple, multiple);
  }

  /** Whether a square image with this side fits. */
  public boolean allows(long side) {
    return side >= smallest && side % multiple == 0;
  }

  /**
   * Checks a side.
   *
   * @param model the name for the message
   * @throws TensorException naming the nearest sizes that fit
   */
  public void check(String model, long side) {
    if (allows(side)) {
      return;
    }
    long below = side / multiple * multiple;
    String nearest =
        below < smallest
            ? "the smallest is " + smallest
            : "the nearest are " + below + " and " + (below + multiple);
    throw new TensorException(
        model + " takes image sizes that are " + this + ", not " + side + ": " + nearest);
  }

  /**
   * Checks a batch of images.
   *
   * @param model the name for the message
   * @param images to be (N, 3, S, S)
   * @throws TensorException if they have another shape, or naming the nearest sizes that fit
   */
  void checkImages(String model, Tensor images) {
    if (images.dim() != 4 || images.size(1) != 3 || images.size(2) != images.size(3)) {
      throw new TensorException(
          model + " takes square images as (N, 3, S, S), not " + Arrays.toString(images.shape()));
    }
    check(model, images.size(2));
  }

  /** Such as "multiples of 32" or "at least 8". */
  @Override
  public String toString() {
    if (multiple == 1) {
      return "at least " + smallest;
    }
    String text = "multiples of " + multiple;
    return smallest == multiple ? text : text + " from " + smallest + " on";
  }
}
