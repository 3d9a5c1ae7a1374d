package org.efficienttrain.training.loop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.BackboneOptions;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.PretrainedWeights;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.tensor.nn.BatchNorm2d;
import org.efficienttrain.tensor.optim.Ema;
import org.efficienttrain.tensor.optim.Gradients;
import org.efficienttrain.tensor.optim.Optimizer;
import org.efficienttrain.training.recipe.Recipe;

/** Everything that learns: the network, its optimiser, the average of its weights. */
public final class Learner implements AutoCloseable {
  private final Recipe recipe;
  private final BackboneOptions options;
  private final Device device;
  private final Backbone network;
  private final Optimizer optimizer;
  private final LossScaler scaler;
  private final Ema ema;
  private Backbone averaged;

  private Learner(Recipe recipe, BackboneOptions options, Device device, Backbone network) {
    this.recipe = recipe;
    this.options = options;
    this.device = device;
    this.network = network;
    this.optimizer = Optimisers.create(recipe, network);
    this.scaler = new LossScaler(recipe.precision());
    this.ema = recipe.emaDecay() == 0 ? null : new Ema(network.state(), recipe.emaDecay());
  }

  /**
   * Builds everything from the recipe's seed, outside any scope.
   *
   * @param weights file to start from, with a head of its own where the number of classes differs;
   *     null to start from chance
   * @param notes takes a sentence for each thing done to the weights besides copying
   */
  public static Learner create(
      Recipe recipe, int classes, Device device, Path weights, Consumer<String> notes) {
    BackboneOptions options =
        Backbones.options(recipe.model(), classes, recipe.imageSize())
            .withDropPath(recipe.dropPath())
            .withHeadDropout(recipe.headDropout());
    Generator.seed(recipe.seed());
    Backbone network = options.build();
    if (weights != null) {
      PretrainedWeights.load(network, weights, true)
          .forEach(line -> notes.accept(weights + ": " + line));
    }
    network.to(device);
    if (recipe.channelsLast()) {
      network.channelsLast();
    }
    return new Learner(recipe, options, device, network);
  }

  /**
   * What an update did.
   *
   * @param gradientNorm before clipping, a scalar; null where nothing clips
   * @param taken whether the weights changed; false where the loss or a gradient was not finite
   */
  public record Update(Tensor gradientNorm, boolean taken) {}

  /** Takes a step along the gradients, clipped to a norm (0 for no limit), and forgets them. */
  public Update update(double learningRate, double loss, double clipNorm) {
    List<Tensor> gradients = optimizer.gradients();
    Tensor norm = null;
    boolean finite = scaler.unscale(gradients) && Double.isFinite(loss);
    if (finite) {
      if (clipNorm > 0) {
        norm = Gradients.clipNorm(gradients, clipNorm);
      }
      optimizer.step(learningRate);
      if (ema != null) {
        ema.update();
      }
    }
    optimizer.zeroGrad();
    return new Update(norm, finite);
  }

  public Backbone network() {
    return network;
  }

  public Optimizer optimizer() {
    return optimizer;
  }

  public LossScaler scaler() {
    return scaler;
  }

  /** The moving average of the weights, or null where the recipe has none. */
  public Ema ema() {
    return ema;
  }

  /** A network with the averaged weights as they are now, or null where the recipe has none. */
  public Backbone averaged() {
    if (ema == null) {
      return null;
    }
    if (averaged == null) {
      averaged = options.build();
      averaged.to(device);
    }
    averaged.copyState(ema.state());
    return averaged;
  }

  /** Lets the other ranks take part in every backward, and where asked for, in batch statistics. */
  public void connect(Collective ranks) {
    ranks.parameters(List.copyOf(network.namedParameters().values()));
    if (recipe.syncBatchNorm() && ranks.worldSize() > 1) {
      UnaryOperator<Tensor> sum = ranks.graphSum();
      network.apply(
          module -> {
            if (module instanceof BatchNorm2d norm) {
              norm.synchronise(sum);
            }
          });
    }
  }

  /** What the network counts rather than learns, such as running means, and the average of it. */
  public List<Tensor> statistics() {
    Set<String> trained = network.namedParameters().keySet();
    List<Tensor> out = new ArrayList<>();
    for (Map<String, Tensor> state : weights()) {
      state.forEach(
          (name, t) -> {
            if (!trained.contains(name)) {
              out.add(t);
            }
          });
    }
    return out;
  }

  /** Every tensor that a run goes on from. */
  public List<Tensor> tensors() {
    List<Tensor> out = new ArrayList<>(optimizer.state().values());
    weights().forEach(state -> out.addAll(state.values()));
    return out;
  }

  private List<Map<String, Tensor>> weights() {
    return ema == null ? List.of(network.state()) : List.of(network.state(), ema.state());
  }

  @Override
  public void close() {
    network.close();
    optimizer.close();
    if (ema != null) {
      ema.close();
    }
    if (averaged != null) {
      averaged.close();
    }
  }
}
