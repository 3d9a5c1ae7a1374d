package org.efficienttrain.models;

import java.util.List;
import java.util.function.Function;

/**
 * One published size of a family, as the registry knows it.
 *
 * @param name the name by which {@link Backbones} finds it, such as {@code swin_tiny}; names of
 *     variants for small images end in {@code _cifar}
 * @param family the family's name as its paper writes it, such as {@code Swin}
 * @param aliases other names, timm's among them, without a trailing image size ({@code
 *     swin_tiny_patch4_window7}, not {@code swin_tiny_patch4_window7_224})
 * @param imageSize the side of the training image in its paper, in pixels
 * @param sizes the sides it runs at
 * @param dropPath the drop-path rate of its published recipe at {@code imageSize}
 * @param headDropout the dropout before the last layer in its published recipe
 * @param builder makes the network; its constructor passes the options on to {@link Backbone}
 */
public record Variant(
    String name,
    String family,
    List<String> aliases,
    int imageSize,
    ImageSizes sizes,
    double dropPath,
    double headDropout,
    Function<BackboneOptions, Backbone> builder) {

  public Variant {
    aliases = List.copyOf(aliases);
  }

  /** A variant without head dropout. */
  public Variant(
      String name,
      String family,
      List<String> aliases,
      int imageSize,
      ImageSizes sizes,
      double dropPath,
      Function<BackboneOptions, Backbone> builder) {
    this(name, family, aliases, imageSize, sizes, dropPath, 0, builder);
  }

  /** Options with the published regularisation. */
  public BackboneOptions options(int classes, int imageSize) {
    return new BackboneOptions(this, classes, imageSize, dropPath, headDropout);
  }
}
