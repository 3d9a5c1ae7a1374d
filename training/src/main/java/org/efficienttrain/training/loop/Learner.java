package org.efficienttrain.training.loop;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.efficienttrain.models.Network;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.tensor.nn.BatchNorm2d;
import org.efficienttrain.tensor.optim.Ema;
import org.efficienttrain.tensor.optim.Gradients;
import org.efficienttrain.tensor.optim.Optimizer;
import org.efficienttrain.training.recipe.Recipe;
import org.efficienttrain.training.task.Task;

/** Everything that learns: a task's network, its optimiser, the average of its weights. */
public final class Learner implements AutoCloseable {
  private final Recipe recipe;
  private final Task task;
  private final Optimizer optimizer;
  private final LossScaler scaler;
  private final Ema ema;
  private final Keepsake statistics;
  private Network averaged;

  /** Prepares a task's network for learning, outside any scope. The task is closed with it. */
  public Learner(Recipe recipe, Task task) {
    this.recipe = recipe;
    this.task = task;
    this.optimizer = Optimisers.create(recipe, task.network(), task.trained());
    this.scaler = new LossScaler(recipe.precision());
    this.ema = recipe.emaDecay() == 0 ? null : new Ema(network().state(), recipe.emaDecay());
    this.statistics = new Keepsake(counted(network().state()));
  }

  /**
   * What an update did.
   *
   * @param gradientNorm before clipping
   * @param taken whether the weights changed; false where the loss or a gradient was not finite
   */
  public record Update(double gradientNorm, boolean taken) {}

  /** To be called before the forward pass of every step: keeps what that pass may spoil. */
  public void beginStep() {
    statistics.keep();
  }

  /**
   * Takes a step along the gradients, clipped to a norm (0 for no limit), and forgets them. Where
   * the loss or a gradient is not finite, everything stays as it was before the step.
   */
  public Update update(double learningRate, double loss, double clipNorm) {
    List<Tensor> gradients = optimizer.gradients();
    Tensor norm = Gradients.norm(gradients);
    double length = norm.item();
    boolean finite = Double.isFinite(length);
    if (scaler.unscale(gradients, finite)) {
      norm = Gradients.norm(gradients);
      length = norm.item();
    }
    boolean taken = finite && Double.isFinite(loss);
    if (taken) {
      if (clipNorm > 0 && length > clipNorm) { // else a pass over all that changes nothing
        Gradients.clip(gradients, norm, clipNorm);
      }
      optimizer.step(learningRate);
      if (ema != null) {
        ema.update();
      }
    } else {
      statistics.restore();
    }
    optimizer.zeroGrad();
    return new Update(length, taken);
  }

  /** What the network is asked to do. */
  public Task task() {
    return task;
  }

  /** The network that learns. */
  public Network network() {
    return task.network();
  }

  /** The rule that moves its weights, with its memory. */
  public Optimizer optimizer() {
    return optimizer;
  }

  /** The factor on the loss. */
  public LossScaler scaler() {
    return scaler;
  }

  /** The moving average of the weights, or null where the recipe has none. */
  public Ema ema() {
    return ema;
  }

  /** A network with the averaged weights as they are now, or null where the recipe has none. */
  public Network averaged() {
    if (ema == null) {
      return null;
    }
    if (averaged == null) {
      averaged = task.copy();
    }
    averaged.copyState(ema.state());
    return averaged;
  }

  /** Lets the other ranks take part in every backward, and where asked for, in batch statistics. */
  public void connect(Collective ranks) {
    ranks.parameters(List.copyOf(task.trained().values()));
    if (recipe.syncBatchNorm() && ranks.worldSize() > 1) {
      UnaryOperator<Tensor> sum = ranks.graphSum();
      network()
          .apply(
              module -> {
                if (module instanceof BatchNorm2d norm) {
                  norm.synchronise(sum);
                }
              });
    }
  }

  /** What the network counts rather than learns, such as running means, and the average of it. */
  public List<Tensor> statistics() {
    List<Tensor> out = new ArrayList<>();
    weights().forEach(state -> out.addAll(counted(state)));
    return out;
  }

  private List<Tensor> counted(Map<String, Tensor> state) {
    Set<String> parameters = network().namedParameters().keySet();
    Map<String, Tensor> counted = new LinkedHashMap<>(state);
    counted.keySet().removeAll(parameters);
    return List.copyOf(counted.values());
  }

  /** Every tensor that a run goes on from. */
  public List<Tensor> tensors() {
    List<Tensor> out = new ArrayList<>(optimizer.state().values());
    weights().forEach(state -> out.addAll(state.values()));
    return out;
  }

  private List<Map<String, Tensor>> weights() {
    return ema == null ? List.of(network().state()) : List.of(network().state(), ema.state());
  }

  @Override
  public void close() {
    task.close();
    optimizer.close();
    statistics.close();
    if (ema != null) {
      ema.close();
    }
    if (averaged != null) {
      averaged.close();
    }
  }
}
