package org.efficienttrain.tensor.distributed;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.ProcessGroup;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.NoGrad;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.Torch;

/** The processes of a c10d process group. */
final class ProcessGroupCollective implements Collective {
  static {
    Torch.start();
  }

  private final Ranks ranks;
  private final Device device;
  private final Rendezvous store;
  private final Heartbeat heartbeat;
  private final BackendGroup backends;
  private final ProcessGroup group;
  private GradientReducer reducer;
  private GraphSum graphSum;

  private ProcessGroupCollective(
      Ranks ranks, Device device, Rendezvous store, Heartbeat heartbeat, BackendGroup backends) {
    this.ranks = ranks;
    this.device = device;
    this.store = store;
    this.heartbeat = heartbeat;
    this.backends = backends;
    this.group = backends.group();
  }

  static Collective join(Ranks ranks, Device device, Consumer<TensorException> stuck) {
    if (Scope.isOpen()) {
      throw new IllegalStateException(
          "a collective is being made inside a Scope, which would free it");
    }
    Rendezvous store = Rendezvous.connect(ranks, true);
    try {
      store.awaitAll();
      Heartbeat heartbeat = Heartbeat.start(ranks, stuck);
      BackendGroup backends = new BackendGroup(ranks, "main", store.store(), device.isCuda());
      return new ProcessGroupCollective(ranks, device, store, heartbeat, backends);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TensorException("interrupted while waiting for the other ranks", e);
    }
  }

  @Override
  public int rank() {
    return ranks.rank();
  }

  @Override
  public int worldSize() {
    return ranks.worldSize();
  }

  @Override
  public void parameters(List<Tensor> parameters) {
    if (reducer != null) {
      throw new IllegalStateException("the parameters have been named before");
    }
    reducer = new GradientReducer(parameters, group);
  }

  @Override
  public void averageNextBackward() {
    together("prepare gradients", reducer::prepare);
  }

  @Override
  public double[] sum(double... values) {
    try (Scope scope = Scope.open()) {
      // NCCL's tree takes a fraction of the time that Gloo's ring takes over many machines.
      Tensor tensor = Tensors.of(values).to(device);
      sum(tensor);
      return tensor.toDoubles();
    }
  }

  private void sum(Tensor tensor) {
    together("sum", () -> backends.sum(tensor.pointer()));
  }

  @Override
  public UnaryOperator<Tensor> graphSum() {
    if (Scope.isOpen() || graphSum != null) {
      throw new IllegalStateException("the sum within the graph is made once, outside any Scope");
    }
    graphSum = new GraphSum(ranks, store.store(), device.isCuda());
    return addend -> {
      Tensor[] sum = new Tensor[1];
      together("sum within the graph", () -> sum[0] = graphSum.of(addend));
      return sum[0];
    };
  }

  @Override
  public void average(Collection<Tensor> tensors) {
    try (NoGrad noGrad = NoGrad.open()) {
      for (Tensor tensor : tensors) {
        if (tensor.dtype().isFloatingPoint()) {
          try (Scope scope = Scope.open()) {
            Tensor sum = tensor.mul(1.0 / ranks.worldSize()).contiguous();
            sum(sum);
            tensor.copy_(sum);
          }
        }
      }
    }
  }

  @Override
  public void broadcast(Collection<Tensor> tensors) {
    try (NoGrad noGrad = NoGrad.open()) {
      for (Tensor tensor : tensors) {
        try (Scope scope = Scope.open()) {
          // NCCL carries the tensors of this rank's GPU only.
          Tensor copy = tensor.detach().to(device).contiguous();
          together(
              "broadcast",
              () -> {
                try (TensorVector vector = new TensorVector(copy.pointer());
                    Work work = group.broadcast(vector)) {
                  work._wait();
                }
              });
          tensor.copy_(copy);
        }
      }
    }
  }

  @Override
  public byte[] broadcast(byte[] bytes) {
    int length = (int) sum(isFirst() ? bytes.length : 0)[0];
    try (Scope scope = Scope.open()) {
      ByteBuffer content = ByteBuffer.wrap(isFirst() ? bytes : new byte[length]);
      Tensor tensor = Tensors.of(content, DType.UINT8, length).to(device);
      broadcast(List.of(tensor));
      return tensor.toBytes().array();
    }
  }

  private static void together(String what, Runnable operation) {
    try {
      operation.run();
    } catch (TensorException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new TensorException(what + " over all ranks: " + BackendGroup.firstLine(e), e);
    }
  }

  @Override
  public void finish() {
    sum(0);
  }

  @Override
  public RuntimeException failed(RuntimeException cause) {
    if (!ofTheGroup(cause)) {
      Heartbeat.accuse(store, ranks.rank(), BackendGroup.firstLine(cause));
      return cause;
    }
    String verdict = heartbeat.await();
    return verdict == null ? cause : new TensorException(verdict, cause);
  }

  /** Whether libtorch says that it was c10d, or what it stands on, that failed. */
  private static boolean ofTheGroup(RuntimeException cause) {
    if (!(cause instanceof TensorException)) {
      return false;
    }
    for (Throwable e = cause; e != null; e = e.getCause()) {
      String message = String.valueOf(e.getMessage());
      if (message.contains("gloo") || message.contains("NCCL") || message.contains("c10d")) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    heartbeat.close();
    if (reducer != null) {
      reducer.close();
    }
    if (graphSum != null) {
      graphSum.close();
    }
    backends.close(); // and with it the connections, so that no other rank goes on waiting
    store.leave();
    store.close();
  }
}
