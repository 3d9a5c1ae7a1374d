package org.efficienttrain.training.batch;

import java.util.Arrays;
import org.efficienttrain.curriculum.CropMatrices;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * The paper's low-frequency crop of a batch: every frequency below B/2 intact, none above, on BxB
 * pixels (EfficientTrain, section 3.2; mathematics in {@link CropMatrices}).
 *
 * <p>With A the matrix R and, as one more row, w', the product A X A' holds R X R' and in its last
 * corner w' X w, so that two matrix products give both terms. On every device that is cheaper than
 * a Fourier transform.
 *
 * <p>One instance serves one pair of sizes; it holds a small matrix outside any scope until closed.
 */
public final class LowFrequencyCrop implements AutoCloseable {
  private final int inputSize;
  private final int outputSize;
  private final Tensor rows; // A: (side + 1, inputSize); null where the crop changes nothing
  private final Tensor signs; // a a': (side, side)

  /**
   * Prepares the crop.
   *
   * @param inputSize side of the images in pixels
   * @param bandwidth side to crop to, at least 2 and at most {@code inputSize}; an odd one below
   *     {@code inputSize} is lowered by one, as the official code does
   * @throws IllegalArgumentException if the bandwidth is out of range
   */
  public LowFrequencyCrop(int inputSize, int bandwidth, Device device) {
    CropMatrices crop = CropMatrices.of(inputSize, bandwidth);
    this.inputSize = inputSize;
    this.outputSize = crop.outputSize();
    if (crop.isIdentity()) {
      rows = null;
      signs = null;
      return;
    }
    double[] matrix = Arrays.copyOf(crop.resample(), (outputSize + 1) * inputSize);
    System.arraycopy(crop.nyquist(), 0, matrix, outputSize * inputSize, inputSize);
    rows = constant(matrix, device, outputSize + 1, inputSize);
    double[] a = crop.signs();
    double[] outer = new double[outputSize * outputSize];
    for (int i = 0; i < outer.length; i++) {
      outer[i] = a[i / outputSize] * a[i % outputSize];
    }
    signs = constant(outer, device, outputSize, outputSize);
  }

  private static Tensor constant(double[] values, Device device, long... shape) {
    return Tensors.of(values, shape).to(device, DType.FLOAT32, false);
  }

  /** Side of the cropped images. */
  public int outputSize() {
    return outputSize;
  }

  /**
   * Crops a batch.
   *
   * @param x (N, C, S, S) in float32, S the input size
   * @return (N, C, B, B); {@code x} itself where B is S
   */
  public Tensor apply(Tensor x) {
    if (x.size(2) != inputSize || x.size(3) != inputSize) {
      throw new IllegalArgumentException(
          "This low-frequency crop takes images of side " + inputSize + ", not " + x + ".");
    }
    if (rows == null) {
      return x;
    }
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open()) {
      // Both products run over the last dimension, the second on the transposed images, so that
      // each is one large multiplication for the whole batch.
      Tensor images = x.contiguous();
      Tensor halfway = Functional.linear(images, rows, null).transpose(2, 3).contiguous();
      Tensor product = Functional.linear(halfway, rows, null).transpose(2, 3);
      Tensor low = product.narrow(2, 0, outputSize).narrow(3, 0, outputSize);
      Tensor corner = product.narrow(2, outputSize, 1).narrow(3, outputSize, 1);
      return scope.keep(low.sub(corner.mul(signs)));
    }
  }

  @Override
  public void close() {
    if (rows != null) {
      rows.close();
      signs.close();
    }
  }
}
