package org.efficienttrain.tensor.distributed;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.BackendOptional;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroup;
import org.bytedeco.pytorch.ProcessGroup.BackendType;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.gloo.Device;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;
import org.efficienttrain.tensor.TensorException;

/** Builds c10d's process groups. */
final class ProcessGroups {
  /**
   * How long an operation may wait for the other ranks: as long as rank 0 may take to write a
   * checkpoint. Dead ranks are found much sooner.
   */
  private static final long WAIT_MILLIS = 3_600_000;

  private ProcessGroups() {}

  /**
   * Gloo for the tensors of the CPU, and with {@code cuda} NCCL for those of the GPU.
   *
   * <p>{@code new ProcessGroup(store, rank, size)} ends the JVM (the binding counts a reference
   * that is there already), {@code new ProcessGroup(rank, size)} does not.
   */
  static ProcessGroup create(Ranks ranks, Store store, boolean cuda) {
    ProcessGroup group = new ProcessGroup(ranks.rank(), ranks.worldSize());
    BackendType main = cuda ? BackendType.NCCL : BackendType.GLOO;
    use(group, DeviceType.CPU, BackendType.GLOO, gloo(ranks, store));
    if (cuda) {
      use(group, DeviceType.CUDA, BackendType.NCCL, nccl(ranks, store));
    }
    group.setDefaultBackend(main);
    group.setGroupName("efficienttrain");
    return group;
  }

  private static void use(
      ProcessGroup group, DeviceType device, BackendType type, Backend backend) {
    try (BackendOptional optional = new BackendOptional(backend)) {
      group.setBackend(device, type, optional);
    }
  }

  private static Backend gloo(Ranks ranks, Store store) {
    try (Milliseconds timeout = new Milliseconds(WAIT_MILLIS)) {
      ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create(timeout);
      options.devices().push_back(network(ranks));
      return new ProcessGroupGloo(
          new PrefixStore("gloo", store), ranks.rank(), ranks.worldSize(), options);
    } catch (RuntimeException e) {
      throw new TensorException(
          "rank %d cannot connect to the other ranks (%s): name the network interface between the machines in GLOO_SOCKET_IFNAME"
              .formatted(ranks.rank(), firstLine(e)),
          e);
    }
  }

  /** The interface in {@code GLOO_SOCKET_IFNAME}; on one machine, the one inside it. */
  private static Device network(Ranks ranks) {
    String name = System.getenv("GLOO_SOCKET_IFNAME");
    if (name != null && !name.isBlank()) {
      return ProcessGroupGloo.createDeviceForInterface(name);
    }
    return isLoopback(ranks.masterAddress())
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

  private static Backend nccl(Ranks ranks, Store store) {
    try {
      return new ProcessGroupNCCL(new PrefixStore("nccl", store), ranks.rank(), ranks.worldSize());
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
}
