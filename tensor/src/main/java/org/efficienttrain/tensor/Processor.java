package org.efficienttrain.tensor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What the processor is, and which of its instructions the libraries may use. */
final class Processor {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** Variables by which the libraries are held to fewer instructions than the processor has. */
  static final List<String> LIMITS =
      List.of(
          "ONEDNN_MAX_CPU_ISA",
          "DNNL_MAX_CPU_ISA",
          "ATEN_CPU_CAPABILITY",
          "OPENBLAS_CORETYPE",
          "MKL_ENABLE_INSTRUCTIONS");

  private static final String INFO = read();
  private static final boolean WIDE = INFO.contains("avx512f") && isAllowed();

  private Processor() {}

  private static String read() {
    try {
      return Files.readString(CPU_INFO, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // another system
    }
  }

  /** Whether oneDNN computes on vectors of 512 bits. */
  static boolean hasWideVectors() {
    return WIDE;
  }

  /** Whether the processor has AMX, whatever limits the libraries. */
  static boolean hasAmx() {
    return INFO.contains("amx_");
  }

  private static boolean isAllowed() {
    for (String name : List.of("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")) {
      String limit = System.getenv(name);
      if (limit != null) {
        String isa = limit.toUpperCase(Locale.ROOT);
        return isa.startsWith("AVX512") || isa.startsWith("AVX10") || isa.equals("DEFAULT");
      }
    }
    return true;
  }

  /** One line that tells this processor, its instructions and what limits them from others. */
  static String describe() {
    StringBuilder line = new StringBuilder();
    line.append(value("model name")).append("; ").append(value("flags").hashCode());
    for (String name : LIMITS) {
      String limit = System.getenv(name);
      if (limit != null) {
        line.append("; ").append(name).append('=').append(limit.replaceAll("\\s", "_"));
      }
    }
    return line.toString();
  }

  private static String value(String key) {
    return INFO.lines()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.name") + " " + System.getProperty("os.arch"));
  }
}
