package org.efficienttrain.training.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Resident memory of this process, as Linux tells it; 0 on other systems. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private static final Path SYSTEM = Path.of("/proc/meminfo");

  private ProcessMemory() {}

  /** In bytes, at present. */
  public static long now() {
    return read(STATUS, "VmRSS:");
  }

  /** In bytes, the most there was. */
  public static long peak() {
    return read(STATUS, "VmHWM:");
  }

  /** In bytes, what the system could still give. */
  public static long available() {
    return read(SYSTEM, "MemAvailable:");
  }

  private static long read(Path file, String key) {
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(key)) {
          return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (IOException e) {
      return 0; // not Linux
    }
    return 0;
  }
}
