package org.efficienttrain.tensor.distributed;

import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;
import org.efficienttrain.tensor.Tensor;

/** A process alone: a mean over one rank changes nothing. */
final class SingleProcess implements Collective {
  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int worldSize() {
    return 1;
  }

  @Override
  public void parameters(List<Tensor> parameters) {}

  @Override
  public void averageNextBackward() {}

  @Override
  public double[] sum(double... values) {
    return values.clone();
  }

  @Override
  public UnaryOperator<Tensor> graphSum() {
    return UnaryOperator.identity();
  }

  @Override
  public void average(Collection<Tensor> tensors) {}

  @Override
  public void broadcast(Collection<Tensor> tensors) {}

  @Override
  public byte[] broadcast(byte[] bytes) {
    return bytes;
  }

  @Override
  public void finish() {}

  @Override
  public RuntimeException failed(RuntimeException cause) {
    return cause;
  }

  @Override
  public void close() {}
}
