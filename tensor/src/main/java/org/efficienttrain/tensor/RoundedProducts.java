package org.efficienttrain.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * Products of 16-bit types where the CPU's kernels for them are none: in float32, from values
 * rounded to the type, with results and gradients rounded to it again.
 *
 * <p>That is what instructions for them do too, since they sum up in float32; the loops that
 * libtorch has instead take ten times as long in bfloat16 and a hundred times in float16.
 */
final class RoundedProducts {
  private RoundedProducts() {}

  /** The type that the CPU computes products in, where they are asked for in another. */
  static DType computedIn(DType type) {
    return switch (type) {
      case BFLOAT16 -> Processor.hasWideVectors() ? type : DType.FLOAT32;
      case FLOAT16 -> DType.FLOAT32; // those for AVX-512 FP16 know no backward pass
      default -> type;
    };
  }

  /**
   * A product, in the way that suits the processor.
   *
   * @param inputs what is multiplied and added; null where there is none
   * @param product from the same inputs, maybe of another type
   */
  static org.bytedeco.pytorch.Tensor of(
      List<Tensor> inputs, Function<List<Tensor>, org.bytedeco.pytorch.Tensor> product) {
    Tensor first = inputs.get(0);
    if (first.pointer().is_cpu()) {
      DType type = LinearKernel.computedIn(first);
      if (computedIn(type) != type) {
        return rounded(type, inputs, product);
      }
    }
    return product.apply(inputs);
  }

  /**
   * A product as float32 computes it from rounded inputs, rounded.
   *
   * @param type that is rounded to
   */
  static org.bytedeco.pytorch.Tensor rounded(
      DType type,
      List<Tensor> inputs,
      Function<List<Tensor>, org.bytedeco.pytorch.Tensor> product) {
    boolean shortens = torch.is_autocast_enabled(DeviceType.CPU);
    torch.set_autocast_enabled(DeviceType.CPU, false);
    try (Scope scope = Scope.open()) {
      List<Tensor> wide = new ArrayList<>();
      for (Tensor input : inputs) {
        wide.add(input == null ? null : widened(input, type));
      }
      var result = new Tensor(product.apply(wide)).pointer();
      return scope.keep(new Tensor(result.to(type.scalarType()))).pointer();
    } finally {
      torch.set_autocast_enabled(DeviceType.CPU, shortens);
    }
  }

  private static Tensor widened(Tensor input, DType type) {
    return new Tensor(input.pointer().to(type.scalarType()).to(DType.FLOAT32.scalarType()));
  }
}
