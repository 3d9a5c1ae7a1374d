package org.efficienttrain.tensor.distributed;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;

/**
 * The processes that train one network together, each on its part of every batch.
 *
 * <p>Every rank must make the same calls in the same order. A call throws {@link TensorException}
 * when another rank is gone; hand that, and whatever else ends training early, to {@link #failed}.
 */
public interface Collective extends AutoCloseable {
  /** A process alone: every call is free. */
  static Collective single() {
    return new SingleProcess();
  }

  /**
   * Meets the other processes. Gloo carries the tensors of the CPU, NCCL those of GPUs.
   *
   * @param device where the network lives
   * @param stuck told when another rank is lost while this one waits for it in native code and does
   *     not come back by itself: all it can do is to tell the user and end the process
   * @throws TensorException naming the ranks that did not come, or what is missing
   */
  static Collective join(Ranks ranks, Device device, Consumer<TensorException> stuck) {
    return ranks.several() ? ProcessGroupCollective.join(ranks, device, stuck) : single();
  }

  /** This process, from 0. */
  int rank();

  /** Number of processes. */
  int worldSize();

  /** Whether this is rank 0, the one that writes and speaks. */
  default boolean isFirst() {
    return rank() == 0;
  }

  /**
   * Names the parameters whose gradients {@link #averageNextBackward} averages, in the order of the
   * network. Once.
   */
  void parameters(List<Tensor> parameters);

  /**
   * The next {@link Tensor#backward} replaces every gradient (accumulated so far, plus its own) by
   * its mean over all ranks, in buckets that travel while the rest is still being computed. Every
   * parameter must take part in it.
   */
  void averageNextBackward();

  /** Sums over the ranks, number by number; the same to the last bit on every rank. */
  double[] sum(double... values);

  /**
   * A sum over the ranks that is part of the graph of gradients: the gradient of the addend is the
   * sum of all ranks' gradients of the sum. Made once, outside any scope, by every rank; in forward
   * and in backward all ranks then call it in the same order.
   */
  UnaryOperator<Tensor> graphSum();

  /** Replaces each floating-point tensor by its mean over the ranks; others are left alone. */
  void average(Collection<Tensor> tensors);

  /** Copies rank 0's tensors into everybody's. */
  void broadcast(Collection<Tensor> tensors);

  /** Rank 0's bytes, for everybody; the other ranks' argument is not looked at. */
  byte[] broadcast(byte[] bytes);

  /** Waits for everybody: the orderly end. */
  void finish();

  /**
   * What to throw when training ends early: {@code cause} itself if the reason lies here, in which
   * case the others get to know it; else a sentence that names the rank where it lies.
   */
  RuntimeException failed(RuntimeException cause);

  /** Leaves at once. */
  @Override
  void close();
}
