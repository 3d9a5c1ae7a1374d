package org.efficienttrain.models;

import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * Histograms of oriented gradients (Dalal and Triggs 2005) as targets of masked autoencoders, as
 * "Masked Feature Prediction for Self-Supervised Visual Pre-Training" (Wei et al., CVPR 2022) and
 * FastMIM (Guo et al. 2022) have them: of each channel and cell, how much gradient lies in each of
 * nine unsigned directions, divided by the norm of the nine.
 *
 * <p>Binning is hard and nothing is shared between cells. Numbers from facebookresearch/SlowFast
 * ({@code operators.py}) and ggjy/FastMIM.pytorch.
 *
 * @param patch side of a patch in pixels, a multiple of {@code cell}
 * @param cell side of a cell in pixels
 */
public record Hog(int patch, int cell) {
  /** Directions, of 20 degrees each; the first begins at a gradient straight up or down. */
  public static final int BINS = 9;

  private static final int CHANNELS = 3;

  /** Keeps a cell without any gradient at 0. */
  private static final double LEAST_NORM = 1e-12;

  /** Cells along a side of a patch. */
  public int cells() {
    return patch / cell;
  }

  /** Target values per patch: 108 for patches of 16 and cells of 8. */
  public int size() {
    return CHANNELS * BINS * cells() * cells();
  }

  /**
   * The targets of a batch, without a gradient.
   *
   * @param images (N, 3, S, S) as the network gets them, S a multiple of the patch
   * @return (N, L, {@link #size}), L patches row by row; in a patch the channel counts slowest,
   *     then the direction, then the cell's row and column
   */
  public Tensor targets(Tensor images) {
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open()) {
      Tensor histogram = histogram(images); // (N, 3, 9, S / cell, S / cell)
      Tensor norm = histogram.square().sum(new long[] {2}, true).sqrt();
      Tensor unit = histogram.div(norm.clamp(LEAST_NORM, Double.POSITIVE_INFINITY));
      long n = images.size(0);
      long grid = images.size(2) / patch;
      return scope.keep(
          unit.reshape(n, CHANNELS, BINS, grid, cells(), grid, cells())
              .permute(0, 3, 5, 1, 2, 4, 6)
              .reshape(n, grid * grid, size()));
    }
  }

  private Tensor histogram(Tensor images) {
    long side = images.size(2);
    Tensor padded = reflect(reflect(images, 2), 3);
    // Differences first, then their sum: equal neighbours give exactly 0, which is a bin's edge.
    Tensor across = padded.narrow(3, 0, side).sub(padded.narrow(3, 2, side));
    Tensor along = padded.narrow(2, 0, side).sub(padded.narrow(2, 2, side));
    Tensor gx = byPlace(smooth(across, 2, side));
    Tensor gy = byPlace(smooth(along, 3, side));
    Tensor magnitude = gx.square().add(gy.square()).sqrt();
    // The angle from the vertical grows as gy / gx falls, over half a turn; at gx = 0 it is 0.
    Tensor cotangent = gy.div(gx).maskedFill(gx.eq(0), Double.POSITIVE_INFINITY);
    List<Tensor> bins = new ArrayList<>();
    Tensor beyond = magnitude;
    for (int edge = 1; edge <= BINS; edge++) {
      Tensor rest =
          edge == BINS
              ? null
              : magnitude.maskedFill(cotangent.gt(1 / Math.tan(edge * Math.PI / BINS)), 0);
      bins.add((rest == null ? beyond : beyond.sub(rest)).sum(new long[] {0}, false));
      beyond = rest;
    }
    return Tensors.stack(bins, 2);
  }

  /** One more row or column at each end, which repeats the one behind the border. */
  private static Tensor reflect(Tensor x, long dim) {
    long size = x.size((int) dim);
    return Tensors.cat(List.of(x.narrow(dim, 1, 1), x, x.narrow(dim, size - 2, 1)), dim);
  }

  /** Weights 1 2 1 along a dimension: {@code side} + 2 elements become {@code side}. */
  private static Tensor smooth(Tensor x, long dim, long side) {
    return x.narrow(dim, 0, side).add(x.narrow(dim, 1, side), 2).add(x.narrow(dim, 2, side));
  }

  /**
   * The places in a cell first, so that a sum over a cell adds whole rows of memory: (N, 3, S, S)
   * to (cell * cell, N, 3, S / cell, S / cell).
   */
  private Tensor byPlace(Tensor x) {
    long n = x.size(0);
    long cells = x.size(2) / cell;
    return x.reshape(n, CHANNELS, cells, cell, cells, cell)
        .permute(3, 5, 0, 1, 2, 4)
        .reshape((long) cell * cell, n, CHANNELS, cells, cells);
  }
}
