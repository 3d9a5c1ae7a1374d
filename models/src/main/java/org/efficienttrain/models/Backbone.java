package org.efficienttrain.models;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.nn.BatchNorm2d;

/**
 * A network from images (N, 3, S, S) to logits (N, classes) that runs at every size its stride
 * divides, with one set of weights.
 *
 * <p>Names of parameters equal those of the published checkpoints.
 */
public abstract class Backbone extends Network {
  /** The module of {@link #normaliseFeatures}. */
  static final String HEAD_NORM = "head_norm";

  /** Of {@link #normaliseFeatures}, as MAE's probe has it. */
  private static final double HEAD_NORM_EPS = 1e-6;

  private final BackboneOptions options;
  private BatchNorm2d headNorm;

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
      Tensor features = forwardFeatures(images);
      return scope.keep(forwardHead(headNorm == null ? features : headNorm.forward(features)));
    }
  }

  /**
   * Puts batch statistics without scale and shift before the head, as linear probes have them (He
   * et al. 2022); they are {@code head_norm} in the state. To be called outside any scope, before
   * the network moves to a device.
   */
  public final void normaliseFeatures() {
    headNorm = child(HEAD_NORM, new BatchNorm2d(features(), HEAD_NORM_EPS, false));
  }

  /** The statistics before the head, or null where there are none. */
  public final BatchNorm2d headNorm() {
    return headNorm;
  }

  /** Numbers that describe an image to the head. */
  private long features() {
    Backbone shapes = options.buildShapes();
    int side = options.imageSize();
    try (Scope scope = Scope.open()) {
      Tensor image = Tensors.zeros(DType.FLOAT32, Device.META, 1, 3, side, side);
      return shapes.forwardFeatures(image).size(1);
    } finally {
      shapes.close();
    }
  }

  /** The description of each image that the head reads: (N, 3, S, S) to (N, features). */
  public final Tensor forwardFeatures(Tensor images) {
    return forwardGather(forwardMap(images));
  }

  /**
   * The last map of places that the description of an image is gathered from: what a picture of
   * where the network looks is drawn on. Convolutions and windows give a map of pixels; where a
   * class token gathers, it is the tokens that the last block reads.
   *
   * @param images (N, 3, S, S), normalised
   * @return (N, C, h, w), or another shape that {@link #places} brings into rows and columns
   */
  public abstract Tensor forwardMap(Tensor images);

  /** From that map to the description of each image: (N, features). */
  public abstract Tensor forwardGather(Tensor map);

  /** A map of {@link #forwardMap} as (N, h, w, C), without tokens that stand for no place. */
  public Tensor places(Tensor map) {
    return map.permute(0, 2, 3, 1);
  }

  /** The places of tokens (N, 1 + G*G, C), of which the first stands for the class. */
  static Tensor placesOfTokens(Tensor tokens) {
    long places = tokens.size(1) - 1;
    long side = Math.round(Math.sqrt((double) places));
    return tokens.narrow(1, 1, places).reshape(tokens.size(0), side, side, tokens.size(2));
  }

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

  /** timm's name of one of this network's parameters or buffers, where timm names it otherwise. */
  public String timmName(String name) {
    return name;
  }

  /** timm's shape of a parameter, where timm keeps the same numbers in another. */
  protected long[] timmShape(String name, long[] shape) {
    return shape;
  }

  /**
   * The state under timm's names and in its shapes, in the order of {@link #state}: views of it, so
   * that what is copied into them reaches the network. They belong to the current {@link Scope}.
   */
  public final Map<String, Tensor> timmState() {
    Map<String, Tensor> out = new LinkedHashMap<>();
    state()
        .forEach(
            (name, t) -> {
              long[] shape = t.shape();
              long[] timms = timmShape(name, shape);
              out.put(timmName(name), timms == shape ? t : t.detach().view(timms));
            });
    return out;
  }

  /** Whether a name, ours or timm's, is of a table of positions, which another size resizes. */
  protected boolean isTable(String name) {
    return false;
  }

  /** Whether a name is of a buffer that published checkpoints store and anyone can compute. */
  protected boolean isDerived(String name) {
    return false;
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
