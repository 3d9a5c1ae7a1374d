package org.efficienttrain.models;

import java.util.List;
import java.util.Set;
import org.efficienttrain.tensor.nn.Module;

/**
 * What can be trained: a tree of parameters that runs at every size its stride divides, with one
 * set of weights. A {@link Backbone}, or a masked autoencoder.
 */
public abstract class Network extends Module {
  /** The registry's name. */
  public abstract String name();

  /** The sides, in pixels, of the images it runs at. */
  public abstract ImageSizes sizes();

  /**
   * Names of the parameters that the official repository exempts from weight decay, besides vectors
   * and biases, which every recipe exempts.
   */
  public Set<String> noWeightDecay() {
    return Set.of();
  }

  /**
   * The network cut into layers for layer-wise learning rates, from the stem up: for each, the
   * names or name prefixes (whole dotted parts) of its parameters. What no layer names (last norm,
   * head) forms one more layer on top.
   */
  protected abstract List<List<String>> layers();

  /** Number of layers for layer-wise learning rates, the one on top included. */
  public final int layerCount() {
    return layers().size() + 1;
  }

  /** The layer of a parameter: 0 for the stem, {@link #layerCount()} - 1 for the head. */
  public final int layerIndex(String parameter) {
    List<List<String>> layers = layers();
    for (int i = 0; i < layers.size(); i++) {
      for (String prefix : layers.get(i)) {
        if (parameter.equals(prefix) || parameter.startsWith(prefix + ".")) {
          return i;
        }
      }
    }
    return layers.size();
  }
}
