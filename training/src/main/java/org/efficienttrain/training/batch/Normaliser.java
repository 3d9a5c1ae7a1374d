package org.efficienttrain.training.batch;

import java.nio.ByteBuffer;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * Bytes to numbers, (x / 255 - mean) / std, channel by channel. Holds its constants on the device,
 * outside any scope, until closed.
 */
public final class Normaliser implements AutoCloseable {
  private final Device device;
  private final Tensor factor;
  private final Tensor offset;

  /**
   * Prepares the constants, outside any scope.
   *
   * @param mean of red, green and blue in 0..1
   * @param std deviation of red, green and blue
   */
  public Normaliser(double[] mean, double[] std, Device device) {
    double[] factors = new double[3];
    double[] offsets = new double[3];
    for (int c = 0; c < 3; c++) {
      factors[c] = 1 / (255 * std[c]);
      offsets[c] = mean[c] / std[c];
    }
    this.device = device;
    this.factor = Tensors.of(factors, 1, 3).to(device, DType.FLOAT32, false);
    this.offset = Tensors.of(offsets, 1, 3).to(device, DType.FLOAT32, false);
  }

  /**
   * Normalises images.
   *
   * @param pixels {@code count * side * side * 3} bytes: samples, rows, columns, RGB
   * @return (N, 3, S, S) in float32 on the device, its elements still in the order N, S, S, 3
   */
  public Tensor apply(ByteBuffer pixels, int count, int side) {
    try (Scope scope = Scope.open()) {
      Tensor floats;
      if (device.isCuda()) {
        Tensor bytes = Tensors.of(pixels, DType.UINT8, count, side, side, 3).pinMemory();
        floats = bytes.to(device, DType.UINT8, true).to(DType.FLOAT32);
      } else {
        floats = Tensors.ofBytes(pixels, DType.FLOAT32, count, side, side, 3);
      }
      // Line by line: an operation on three elements at a time takes five times as long.
      Tensor lines = floats.view((long) count * side, 3L * side);
      lines.mul_(line(factor, side)).sub_(line(offset, side));
      return scope.keep(floats.permute(0, 3, 1, 2));
    }
  }

  private static Tensor line(Tensor channels, int side) {
    return channels.expand(side, 3).reshape(1, 3L * side);
  }

  @Override
  public void close() {
    factor.close();
    offset.close();
  }
}
