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
 * @param published what its paper trained it with
 * @param sizes the sides it runs at
 * @param builder makes the network; its constructor passes the options on to {@link Backbone}
 */
public record Variant(
    String name,
    String family,
    List<String> aliases,
    Published published,
    ImageSizes sizes,
    Function<BackboneOptions, Backbone> builder) {

  /**
   * The numbers of a published recipe.
   *
   * @param imageSize the side of the training image, in pixels
   * @param dropPath the drop-path rate at that size
   * @param headDropout the dropout before the last layer
   */
  public record Published(int imageSize, double dropPath, double headDropout) {
    /** Without head dropout. */
    public Published(int imageSize, double dropPath) {
      this(imageSize, dropPath, 0);
    }
  }

  public Variant {
    aliases = List.copyOf(aliases);
  }

  /** The side of the training image in its paper, in pixels. */
  public int imageSize() {
    return published.imageSize;
  }

  /** The drop-path rate of its published recipe. */
  public double dropPath() {
    return published.dropPath;
  }

  /** The dropout before the last layer in its published recipe. */
  public double headDropout() {
    return published.headDropout;
  }

  /** Options with the published regularisation. */
  public BackboneOptions options(int classes, int imageSize) {
    return new BackboneOptions(this, classes, imageSize, dropPath(), headDropout());
  }
}
