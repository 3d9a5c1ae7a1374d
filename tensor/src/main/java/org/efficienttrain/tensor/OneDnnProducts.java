package org.efficienttrain.tensor;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.Float32Backend;
import org.bytedeco.pytorch.global.torch.Float32Op;
import org.bytedeco.pytorch.global.torch.Float32Precision;

/**
 * Products of float32 by oneDNN, on vectors of 512 bits.
 *
 * <p>libtorch gives products of float32 to a BLAS, unless bfloat16 is permitted inside them: then
 * to oneDNN. That makes use of the permission only with AMX; without, it computes in float32 all
 * the same, on the threads of libtorch, whole batches at a time.
 */
final class OneDnnProducts {
  /** A little more than 1: shorter types cannot tell. */
  private static final double ABOVE_ONE = 1 + 0x1p-12;

  private static final int SIDE = 64;

  private static final boolean AVAILABLE =
      Processor.hasWideVectors() && !Processor.hasAmx() && isExact();

  private OneDnnProducts() {}

  /** Whether they can be had with nothing rounded. */
  static boolean available() {
    return AVAILABLE;
  }

  /**
   * Gives products to oneDNN from now on, or to the BLAS again. Does nothing where they cannot be
   * had: a run may go on on another machine than the one that chose them.
   */
  static void use(boolean oneDnn) {
    if (AVAILABLE) {
      permit(oneDnn ? Float32Precision.BF16 : Float32Precision.IEEE);
    }
  }

  private static void permit(Float32Precision precision) {
    torch.globalContext().setFloat32Precision(Float32Backend.MKLDNN, Float32Op.MATMUL, precision);
  }

  private static boolean isExact() {
    permit(Float32Precision.BF16);
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open()) {
      // Not through Ops: who listens there, counts what a network does.
      var ones = torch.ones(SIDE, SIDE);
      var product = ones.mul(Ops.scalar(ABOVE_ONE)).matmul(ones);
      return product.mean().item_double() == SIDE * ABOVE_ONE;
    } finally {
      permit(Float32Precision.IEEE);
    }
  }
}
