package org.efficienttrain.models;

import org.efficienttrain.tensor.DefaultDevice;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.TensorException;

/**
 * What a network is built with.
 *
 * @param variant which network
 * @param classes number of outputs, at least 1
 * @param imageSize the final side of the images, in pixels: the size at which position tables live;
 *     the network runs at every other size that fits, too
 * @param dropPath drop-path rate of the last block, in [0, 1); it falls linearly to 0 at the first
 * @param headDropout dropout before the last layer, in [0, 1), for families that have one
 */
public record BackboneOptions(
    Variant variant, int classes, int imageSize, double dropPath, double headDropout) {

  /**
   * Checks the values.
   *
   * @throws TensorException naming the value that does not fit
   */
  public BackboneOptions {
    if (classes < 1) {
      throw new TensorException("a model needs at least 1 class, not " + classes);
    }
    variant.sizes().check(variant.name(), imageSize);
    checkRate("drop path", dropPath);
    checkRate("head dropout", headDropout);
  }

  private static void checkRate(String name, double rate) {
    if (!(rate >= 0 && rate < 1)) {
      throw new TensorException(name + " must be at least 0 and below 1, not " + rate);
    }
  }

  public BackboneOptions withDropPath(double rate) {
    return new BackboneOptions(variant, classes, imageSize, rate, headDropout);
  }

  public BackboneOptions withHeadDropout(double rate) {
    return new BackboneOptions(variant, classes, imageSize, dropPath, rate);
  }

  /** Builds the network with freshly initialised weights, outside any scope. */
  public Backbone build() {
    return variant.builder().apply(this);
  }

  /**
   * Builds the network from shapes without data, in milliseconds: to count, to compare names. Close
   * it after use.
   */
  public Backbone buildShapes() {
    try (DefaultDevice meta = DefaultDevice.open(Device.META)) {
      return build();
    }
  }
}
