package org.efficienttrain.tensor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** The type that a network computes in, forward and backward. Its weights stay float32. */
public enum Precision {
  /** The best that the device is fast at; {@link #on} says which. */
  AUTO(null),
  FP32(DType.FLOAT32),
  BF16(DType.BFLOAT16),
  /** Needs its loss scaled, or small gradients vanish. */
  FP16(DType.FLOAT16);

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private final DType type;

  Precision(DType type) {
    this.type = type;
  }

  /**
   * The element type.
   *
   * @throws IllegalStateException of {@link #AUTO}, which has none before the device is known
   */
  public DType type() {
    if (type == null) {
      throw new IllegalStateException("precision auto was not resolved for a device");
    }
    return type;
  }

  /** The same, or what {@link #AUTO} means on a device. */
  public Precision on(Device device) {
    if (this != AUTO) {
      return this;
    }
    return device.isCuda()
        ? ofCuda(Torch.cudaMultipliesBfloat16(device))
        : ofCpu(cpuInfo(), System.getenv("ONEDNN_MAX_CPU_ISA"), ProductRate::isBfloat16Faster);
  }

  /** bfloat16 from compute capability 8 on, which needs no scaling; float16 before. */
  static Precision ofCuda(boolean bfloat16) {
    return bfloat16 ? BF16 : FP16;
  }

  /**
   * bfloat16 where the processor has instructions for it and is faster with them than in float32;
   * without them it is emulated, a little slower than float32 ({@link RoundedProducts}).
   *
   * @param info the text of /proc/cpuinfo, or empty
   * @param limit the instruction set that oneDNN may use at most, or null for any
   * @param faster whether it is; asked where there are instructions
   */
  static Precision ofCpu(String info, String limit, BooleanSupplier faster) {
    boolean has = info.contains("avx512_bf16") || info.contains("amx_bf16");
    boolean may = limit == null || limit.matches("(?i)default|all|.*(bf16|fp16|amx|avx10).*");
    return has && may && faster.getAsBoolean() ? BF16 : FP32;
  }

  private static String cpuInfo() {
    try {
      return Files.readString(CPU_INFO, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // another system: the type that is never wrong
    }
  }
}
