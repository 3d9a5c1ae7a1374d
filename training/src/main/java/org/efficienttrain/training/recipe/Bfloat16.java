package org.efficienttrain.training.recipe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether this machine multiplies bfloat16 faster than float32. */
public final class Bfloat16 {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private Bfloat16() {}

  /**
   * bfloat16 where the processor has instructions for it; without them libtorch emulates it slowly.
   */
  public static Recipe.Precision precision() {
    try {
      String info = Files.readString(CPU_INFO, StandardCharsets.ISO_8859_1);
      boolean fast = info.contains("avx512_bf16") || info.contains("amx_bf16");
      return fast ? Recipe.Precision.BF16 : Recipe.Precision.FP32;
    } catch (IOException e) {
      return Recipe.Precision.FP32; // another system: the type that is never wrong
    }
  }
}
