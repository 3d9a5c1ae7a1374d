package org.efficienttrain.models;

import java.util.Set;
import java.util.stream.Collectors;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;

/**
 * A network from images (N, 3, S, S) to logits (N, classes) that runs at every size its stride
 * divides, with one set of weights.
 *
 * <p>Names of parameters equal those of the published checkpoints.
 */
public abstract class Backbone extends Network {
  private final BackboneOptions options;

  protected Backbone(BackboneOptions options) {
    this.options = options;
  }

  /** What it was built with. */
  public final BackboneOptions options() {
    return options;
  }

  @Override
  public final String name() {
    return options.variant().name();
  }

  @Override
  public final ImageSizes sizes() {
    return options.variant().sizes();
  }

  /**
   * Logits of a batch of square images.
   *
   * @param images (N, 3, S, S), normalised
   * @return (N, classes)
   * @throws org.efficienttrain.tensor.TensorException if the images have another shape, saying
   *     which sizes fit
   */
  public final Tensor forward(Tensor images) {
    sizes().checkImages(name(), images);
    try (Scope scope = Scope.open()) {
      return scope.keep(forwardHead(forwardFeatures(images)));
    }
  }

  /** The description of each image that the head reads: (N, 3, S, S) to (N, features). */
  public abstract Tensor forwardFeatures(Tensor images);

  /** The head: (N, features) to logits (N, classes). */
  public abstract Tensor forwardHead(Tensor features);

  /** The dotted name of the layer whose size is the number of classes, such as {@code head}. */
  protected abstract String classifierName();

  /** Names of the parameters whose shape depends on the number of classes. */
  public final Set<String> headNames() {
    String prefix = classifierName() + ".";
    return namedParameters().keySet().stream()
        .filter(name -> name.startsWith(prefix))
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Makes a new classifier quieter: its weights and biases times a factor (ConvNeXt fine-tunes from
   * ImageNet-22K with 0.001), so that its first gradients hardly disturb the rest.
   */
  public final void scaleHead(double factor) {
    if (factor == 1) {
      return;
    }
    try (NoGrad noGrad = NoGrad.open();
        Scope scope = Scope.open()) {
      headNames().forEach(name -> namedParameters().get(name).mul_(factor));
    }
  }
}
