package org.efficienttrain.models;

import java.util.function.IntToLongFunction;

/** What is known of every network by its name, backbone or masked autoencoder. */
public final class Networks {
  private Networks() {}

  /**
   * The sides of the images that a network runs at.
   *
   * @throws org.efficienttrain.tensor.TensorException if there is none of that name
   */
  public static ImageSizes sizes(String name) {
    return MaeVariant.find(name)
        .map(MaeVariant::sizes)
        .orElseGet(() -> Backbones.variant(name).sizes());
  }

  /**
   * What an image costs a network in the forward pass: multiply-adds by the side in pixels.
   *
   * @param classes number of outputs of a backbone
   * @param imageSize the final side of the images, in pixels
   * @throws org.efficienttrain.tensor.TensorException if there is none of that name
   */
  public static IntToLongFunction multiplyAdds(String name, int classes, int imageSize) {
    MaeVariant masked = MaeVariant.find(name).orElse(null);
    if (masked == null) {
      BackboneOptions options = Backbones.options(name, classes, imageSize);
      return side -> Flops.count(options, side);
    }
    return side -> {
      Mae shapes = masked.buildShapes();
      try {
        return Flops.count(shapes, side);
      } finally {
        shapes.close();
      }
    };
  }
}
