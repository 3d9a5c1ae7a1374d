package org.efficienttrain.tensor;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/** Start-up of libtorch: memory rules, threads, what this machine can do. */
public final class Torch {
  static final String VERSION = "libtorch 2.10.0";

  /** Version of MKL; null where OpenBLAS computes. */
  private static final String MKL;

  static {
    // JavaCPP reads these once, when its Pointer class loads. Left at their defaults every native
    // call takes a global lock and asks for the process's memory: 6 to 8 times slower.
    System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
    MKL = Mkl.load();
    setThreads(defaultThreads());
  }

  private Torch() {}

  /** What OMP_NUM_THREADS says, or all cores: left alone, libtorch would use one. */
  private static int defaultThreads() {
    String wanted = System.getenv("OMP_NUM_THREADS");
    return wanted != null && wanted.matches("[1-9]\\d{0,3}")
        ? Integer.parseInt(wanted)
        : Runtime.getRuntime().availableProcessors();
  }

  /** Loads libtorch; other calls do so by themselves. */
  public static void start() {}

  /**
   * Sets how many threads one operation uses.
   *
   * <p>OpenBLAS, which libtorch gives float32 products to, gets as many, and MKL takes libtorch's;
   * only where libtorch itself spreads small products over its threads, in fused attention, it goes
   * down to one meanwhile.
   *
   * @param threads at least 1
   */
  public static void setThreads(int threads) {
    if (threads < 1) {
      throw new TensorException("threads must be at least 1, not " + threads);
    }
    torch.set_num_threads(threads);
    setBlasThreads(threads);
  }

  /**
   * Sets how many threads of its own OpenBLAS uses. MKL has none: it takes those of libtorch, but
   * one where they are busy already, which it would not do if it were told a number.
   */
  static void setBlasThreads(int threads) {
    if (!hasMkl()) {
      openblas.blas_set_num_threads(threads);
    }
  }

  /** Threads that one operation uses. */
  public static int threads() {
    return torch.get_num_threads();
  }

  /** Whether a GPU can be used. */
  public static boolean cudaAvailable() {
    return torch.hasCUDA() && torch.cuda_is_available();
  }

  /**
   * Makes a GPU ready, or fails in one sentence where it cannot be used. cuDNN then tries its
   * algorithms on every new shape and keeps the fastest: a run has few shapes and many steps.
   *
   * @throws TensorException saying what is missing
   */
  static void useCuda(int index) {
    if (!torch.hasCUDA()) {
      throw new TensorException(
          "device cuda needs a build with CUDA: run 'ET_PROFILE=cuda ./et ...' on a machine with"
              + " CUDA 13, cuDNN 9 and NCCL 2");
    }
    if (!torch.cuda_is_available()) {
      throw new TensorException(
          "device cuda: no GPU can be used; check the NVIDIA driver with 'nvidia-smi'");
    }
    int gpus = torch.cuda_device_count();
    if (index < 0 || index >= gpus) {
      throw new TensorException(
          "device cuda:%d: this process sees %d GPUs, numbered from 0; choose another, or start fewer processes"
              .formatted(index, gpus));
    }
    setCurrent(Device.cuda(index));
    torch.globalContext().setBenchmarkCuDNN(true);
  }

  /**
   * Makes a device the one that this thread's calls without a device go to. Of several processes
   * each would otherwise hold memory of the first GPU too.
   */
  static void setCurrent(Device device) {
    try (var pointer = device.pointer()) {
      torch.getDeviceGuardImpl(device.deviceType()).setDevice(pointer);
    }
  }

  /** The native libraries of this build by name, each with its version. */
  public static Map<String, String> libraries() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("libtorch", preset("pytorch"));
    try (var oneDnn = torch.get_mkldnn_version()) {
      versions.put("oneDNN", oneDnn.getString().replaceAll("(?s).*?v([0-9.]+).*", "$1"));
    }
    versions.put(blas(), hasMkl() ? MKL : preset("openblas"));
    versions.put("OpenCV", preset("opencv"));
    return versions;
  }

  /** The library that multiplies matrices of float32. */
  public static String blas() {
    return hasMkl() ? "MKL" : "OpenBLAS";
  }

  static boolean hasMkl() {
    return MKL != null;
  }

  private static String preset(String artifact) {
    try {
      return Loader.getVersion("org.bytedeco", artifact);
    } catch (IOException e) {
      return "version unknown";
    }
  }

  /** Names of the variables by which the libraries take the processor for an older one. */
  public static List<String> instructionLimits() {
    return Processor.LIMITS;
  }

  /** The instruction set that libtorch's own kernels use here, such as {@code AVX2}. */
  public static String cpuCapability() {
    try (var name = torch.get_cpu_capability()) {
      return name.getString();
    }
  }

  /** Whether a GPU multiplies bfloat16: from compute capability 8 on, which is what cuDNN asks. */
  static boolean cudaMultipliesBfloat16(Device device) {
    setCurrent(device);
    return torch.getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
  }

  /** One line: version, threads, kind of device. */
  public static String environment() {
    return VERSION + ", " + threads() + " threads, " + (cudaAvailable() ? "CUDA" : "CPU");
  }
}
