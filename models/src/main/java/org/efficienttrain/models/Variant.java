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
   * @param usual how such networks are trained
   */
  public record Published(int imageSize, double dropPath, double headDropout, Usual usual) {
    /** Without head dropout, by AdamW. */
    public Published(int imageSize, double dropPath) {
      this(imageSize, dropPath, 0, Usual.ADAMW);
    }

    /** The same for networks that are trained another way. */
    public Published with(Usual other) {
      return new Published(imageSize, dropPath, headDropout, other);
    }
  }

  /**
   * How the field trains such networks, where a recipe does not say it.
   *
   * @param sgd by SGD with momentum rather than AdamW, and in fine-tuning without making a new head
   *     small
   * @param layerDecay factor on the learning rate per layer, from the head down, in fine-tuning
   * @param fineTuningRate learning rate of AdamW in fine-tuning, at a batch of 1024
   */
  public record Usual(boolean sgd, double layerDecay, double fineTuningRate) {
    /**
     * By AdamW; fine-tuned as ConvNeXt, slower than a plain transformer: its weights fit better.
     */
    public static final Usual ADAMW = new Usual(false, 0.8, 5e-4);
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

  /** How such networks are trained. */
  public Usual usual() {
    return published.usual;
  }

  /** Options with the published regularisation. */
  public BackboneOptions options(int classes, int imageSize) {
    return new BackboneOptions(this, classes, imageSize, dropPath(), headDropout());
  }
}
