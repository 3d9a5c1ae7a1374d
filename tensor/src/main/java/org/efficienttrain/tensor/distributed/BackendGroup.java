package org.efficienttrain.tensor.distributed;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.BackendOptional;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroup;
import org.bytedeco.pytorch.ProcessGroup.BackendType;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.gloo.Device;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;
import org.efficienttrain.tensor.TensorException;

/**
 * A c10d process group with its backends: Gloo for the tensors of the CPU, and on GPUs NCCL for
 * theirs.
 */
final class BackendGroup implements AutoCloseable {
  /**
   * How long an operation may wait for the other ranks: as long as rank 0 may take to write a
   * checkpoint. Dead ranks are found much sooner.
   */
  private static final long WAIT_MILLIS = 3_600_000;

  private final Ranks ranks;
  private final ProcessGroup group;

  /** What the group refers to. All of it is freed with the group, not when garbage is collected. */
  private final Deque<Pointer> parts = new ArrayDeque<>();

  /**
   * Connects the ranks.
   *
   * <p>{@code new ProcessGroup(store, rank, size)} ends the JVM (the binding counts a reference
   * that is there already); {@code new ProcessGroup(rank, size)} does not.
   *
   * @param name keeps the groups of a program apart
   */
  BackendGroup(Ranks ranks, String name, Store store, boolean cuda) {
    this.ranks = ranks;
    this.group = new ProcessGroup(ranks.rank(), ranks.worldSize());
    use(DeviceType.CPU, BackendType.GLOO, gloo(connection(store, name + "/gloo")));
    if (cuda) {
      use(DeviceType.CUDA, BackendType.NCCL, nccl(connection(store, name + "/nccl")));
    }
    group.setDefaultBackend(cuda ? BackendType.NCCL : BackendType.GLOO);
    group.setGroupName(name);
  }

  ProcessGroup group() {
    return group;
  }

  /** Replaces a dense tensor by its sum over the ranks. */
  void sum(org.bytedeco.pytorch.Tensor tensor) {
    try (TensorVector vector = new TensorVector(tensor);
        Work work = group.allreduce(vector)) {
      work._wait();
    }
  }

  private <P extends Pointer> P part(P pointer) {
    parts.push(pointer);
    return pointer;
  }

  /**
   * A connection of a backend's own. The same store passed twice would end the JVM: the binding
   * takes every store that Java made for a new one.
   */
  private Store connection(Store store, String prefix) {
    return part(new PrefixStore(prefix, part(store.clone())));
  }

  private void use(DeviceType device, BackendType type, Backend backend) {
    try (BackendOptional optional = new BackendOptional(backend)) {
      group.setBackend(device, type, optional);
    }
  }

  private Backend gloo(Store store) {
    try (Milliseconds timeout = new Milliseconds(WAIT_MILLIS)) {
      ProcessGroupGloo.Options options = part(ProcessGroupGloo.Options.create(timeout));
      options.devices().push_back(part(network()));
      return part(new ProcessGroupGloo(store, ranks.rank(), ranks.worldSize(), options));
    } catch (RuntimeException e) {
      throw new TensorException(
          "rank %d cannot connect to the other ranks (%s): name the network interface between the machines in GLOO_SOCKET_IFNAME"
              .formatted(ranks.rank(), firstLine(e)),
          e);
    }
  }

  /** The interface in {@code GLOO_SOCKET_IFNAME}; on one machine, the one inside it. */
  private Device network() {
    String name = System.getenv("GLOO_SOCKET_IFNAME");
    if (name != null && !name.isBlank()) {
      return ProcessGroupGloo.createDeviceForInterface(name);
    }
    return isLoopback(ranks.meeting().address())
        ? ProcessGroupGloo.createDeviceForHostname("127.0.0.1")
        : ProcessGroupGloo.createDefaultDevice();
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false; // the store has answered there, so its own resolver knows more
    }
  }

  private Backend nccl(Store store) {
    try {
      return part(new ProcessGroupNCCL(store, ranks.rank(), ranks.worldSize()));
    } catch (LinkageError | RuntimeException e) {
      throw new TensorException(
          "several processes on GPUs need NCCL 2 for CUDA 13 (libnccl.so.2), which this machine lacks or cannot start (%s): install it, or train with --device cpu"
              .formatted(firstLine(e)),
          e);
    }
  }

  static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }

  /** Closes the connections and ends their threads. */
  @Override
  public void close() {
    group.deallocate();
    parts.forEach(Pointer::deallocate);
  }
}
