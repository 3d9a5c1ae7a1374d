package org.efficienttrain.tensor;

import java.util.List;
import org.bytedeco.pytorch.global.torch;

/** The Fourier transform, for what is defined by it. */
public final class Fft {
  static {
    Torch.start();
  }

  private Fft() {}

  /**
   * The low-frequency crop by its definition: transform, keep the frequencies -b to b - 1 of each
   * axis with b = B / 2 rounded down, transform back, take the real part. The reference for the
   * faster form; training does not use it.
   *
   * @param x (N, C, S, S), float32 or float64
   * @param bandwidth B, at most S
   * @return (N, C, 2b, 2b)
   */
  public static Tensor lowFrequencyCrop(Tensor x, int bandwidth) {
    long b = bandwidth / 2;
    double scale = 4.0 * b * b / ((double) x.size(2) * x.size(3));
    Tensor spectrum = Ops.call("fft2", () -> torch.fft_fft2(x.pointer()), x);
    Tensor kept = corners(corners(spectrum, b, 2), b, 3).mul(scale);
    return Ops.call(
        "ifft2",
        () -> {
          try (org.bytedeco.pytorch.Tensor complex = torch.fft_ifft2(kept.pointer())) {
            return torch.real(complex);
          }
        },
        kept);
  }

  private static Tensor corners(Tensor spectrum, long b, int dim) {
    return Tensors.cat(
        List.of(spectrum.narrow(dim, 0, b), spectrum.narrow(dim, spectrum.size(dim) - b, b)), dim);
  }
}
