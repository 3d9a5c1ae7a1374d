package org.efficienttrain.models;

import java.util.List;
import java.util.function.Consumer;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.OpListener;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * Counts the multiply-adds of a network as the papers do, who call them FLOPs: convolutions, linear
 * layers and the two products of attention; not norms, activations, softmax or biases.
 *
 * <p>Counting runs shapes without data through the forward pass and takes milliseconds.
 */
public final class Flops {
  private Flops() {}

  /**
   * Multiply-adds of the forward pass of one image.
   *
   * @param options the network
   * @param imageSize side of the image, in pixels; it may differ from the final size
   */
  public static long count(BackboneOptions options, int imageSize) {
    Backbone model = options.buildShapes();
    try {
      return count(model, imageSize);
    } finally {
      model.close();
    }
  }

  /** Multiply-adds of the forward pass of one image in a network of shapes without data. */
  static long count(Backbone model, int imageSize) {
    model.eval();
    return count(imageSize, model::forward);
  }

  /**
   * Multiply-adds of hiding, encoding and predicting one image with the paper's mask ratio.
   *
   * @param model shapes without data
   * @param imageSize side of the image, in pixels; it may differ from the final size
   */
  public static long count(Mae model, int imageSize) {
    return count(imageSize, image -> model.forward(image, Mae.MASK_RATIO));
  }

  private static long count(int imageSize, Consumer<Tensor> forward) {
    long[] sum = {0};
    try (Scope scope = Scope.open();
        var listening = OpListener.listen((op, args, results) -> sum[0] += of(op, args, results))) {
      forward.accept(Tensors.zeros(DType.FLOAT32, Device.META, 1, 3, imageSize, imageSize));
    }
    return sum[0];
  }

  /** Multiply-adds of one operation; 0 for those that are not counted. */
  private static long of(String op, List<Object> args, List<Tensor> results) {
    long outputs = results.isEmpty() ? 0 : results.get(0).numel();
    return switch (op) {
      case "conv2d", "linear" -> {
        Tensor weight = (Tensor) args.get(1);
        yield outputs * (weight.numel() / weight.size(0));
      }
      case "matmul" -> outputs * ((Tensor) args.get(0)).size(-1);
      case "scaled_dot_product_attention" -> {
        // q (N, heads, L, d), k (N, heads, M, d), v (N, heads, M, d).
        Tensor q = (Tensor) args.get(0);
        Tensor k = (Tensor) args.get(1);
        yield 2 * q.numel() * k.size(-2);
      }
      default -> 0;
    };
  }
}
