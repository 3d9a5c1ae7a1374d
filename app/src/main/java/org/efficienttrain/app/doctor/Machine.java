package org.efficienttrain.app.doctor;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * The machine as this process may use it. What a system does not tell is 0 or empty.
 *
 * @param processor name of the processor
 * @param gigahertz its clock now, in 10^9 cycles per second
 * @param instructions the instruction sets that matter here, as Linux names them
 * @param cores processors that the system gives this process, a whole number
 * @param quota cores that the container's time is worth; {@code cores} without a limit
 * @param memory bytes of the machine
 * @param memoryLimit bytes that the container may hold; {@code memory} without a limit
 * @param memoryAvailable bytes that a new program can have without swapping
 * @param load processors that other work keeps busy just now
 */
public record Machine(
    String processor,
    double gigahertz,
    Set<String> instructions,
    int cores,
    double quota,
    long memory,
    long memoryLimit,
    long memoryAvailable,
    double load) {

  /** In the order in which they came: each makes a step faster. */
  static final List<String> INSTRUCTION_SETS =
      List.of("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd", "bf16");

  /** How long is watched what other work does: a build just before should not count. */
  private static final long WATCHED_MILLIS = 400;

  public Machine {
    instructions = Set.copyOf(instructions);
  }

  /** Whether the processor multiplies bfloat16 by itself. */
  public boolean bfloat16() {
    return instructions.contains("avx512_bf16") || instructions.contains("amx_bf16");
  }

  /** The instruction sets in the order of {@link #INSTRUCTION_SETS}. */
  public List<String> instructionsInOrder() {
    return INSTRUCTION_SETS.stream().filter(instructions::contains).toList();
  }

  /** This machine, read anew. */
  public static Machine here() {
    int cores = Runtime.getRuntime().availableProcessors();
    Machine machine = linux(Path.of("/"), cores, Machine::pause);
    if (machine.memory > 0) {
      return machine;
    }
    long memory =
        ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean bean
            ? bean.getTotalMemorySize()
            : 0;
    double load = Math.max(0, ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    String name = System.getenv("PROCESSOR_IDENTIFIER");
    return new Machine(
        name == null ? System.getProperty("os.arch") : name,
        0,
        Set.of(),
        cores,
        cores,
        memory,
        memory,
        memory,
        load);
  }

  /**
   * A Linux machine from its files.
   *
   * @param root where {@code proc} and {@code sys} lie
   * @param cores processors of this process
   * @param pause waits for a while in which what runs is other work
   */
  static Machine linux(Path root, int cores, Runnable pause) {
    long[] before = ticks(root);
    pause.run();
    long[] after = ticks(root);
    Map<String, String> processor = fields(root.resolve("proc/cpuinfo"));
    Map<String, String> memory = fields(root.resolve("proc/meminfo"));
    Set<String> known = new TreeSet<>();
    for (String key : List.of("flags", "Features")) {
      known.addAll(Arrays.asList(processor.getOrDefault(key, "").split(" ", -1)));
    }
    known.retainAll(INSTRUCTION_SETS);
    long total = kilobytes(memory, "MemTotal");
    double quota = smallest(root, cores, Machine::quota);
    long limit = (long) smallest(root, (double) total, Machine::memoryLimit);
    return new Machine(
        processor.getOrDefault("model name", ""),
        number(processor.getOrDefault("cpu MHz", ""), 0) / 1000,
        known,
        cores,
        quota,
        total,
        limit,
        Math.min(limit, kilobytes(memory, "MemAvailable")),
        cores * (after[0] - before[0]) / (double) Math.max(1, after[1] - before[1]));
  }

  /** What all processors did since the start, in the system's ticks: work, and time in all. */
  private static long[] ticks(Path root) {
    // cpu user nice system idle iowait irq softirq steal
    String[] words = text(root.resolve("proc/stat")).lines().findFirst().orElse("").split(" +", -1);
    long idle = 0;
    long all = 0;
    for (int i = 1; i < Math.min(words.length, 9); i++) {
      long ticks = (long) number(words[i], 0);
      all += ticks;
      idle += i == 4 || i == 5 ? ticks : 0;
    }
    return new long[] {all - idle, all};
  }

  private static void pause() {
    try {
      Thread.sleep(WATCHED_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The lowest limit of the process's control groups, from its own up to the root: version 2 has
   * one tree, version 1 one for each kind.
   */
  private static double smallest(Path root, double none, ToDoubleFunction<Path> limit) {
    Path groups = root.resolve("sys/fs/cgroup");
    double lowest = none;
    for (String line : text(root.resolve("proc/self/cgroup")).lines().toList()) {
      String[] parts = line.split(":", 3);
      if (parts.length < 3) {
        continue;
      }
      Path top = parts[1].isEmpty() ? groups : groups.resolve(parts[1]);
      Path group = top.resolve(parts[2].replaceFirst("^/+", "")).normalize();
      while (group.startsWith(top)) {
        lowest = Math.min(lowest, limit.applyAsDouble(group));
        group = group.getParent();
      }
    }
    return lowest;
  }

  /** Cores that a group's time is worth. */
  private static double quota(Path group) {
    String[] both = text(group.resolve("cpu.max")).strip().split(" ", -1);
    double time = number(both[0], -1);
    double period = number(both.length > 1 ? both[1] : "", -1);
    if (time <= 0 || period <= 0) {
      time = number(text(group.resolve("cpu.cfs_quota_us")), -1);
      period = number(text(group.resolve("cpu.cfs_period_us")), -1);
    }
    return time > 0 && period > 0 ? time / period : Double.POSITIVE_INFINITY;
  }

  private static double memoryLimit(Path group) {
    double limit = number(text(group.resolve("memory.max")), Double.POSITIVE_INFINITY);
    return Math.min(
        limit, number(text(group.resolve("memory.limit_in_bytes")), Double.POSITIVE_INFINITY));
  }

  /** The first value of every "name : value" line. */
  private static Map<String, String> fields(Path file) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String line : text(file).lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.putIfAbsent(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      }
    }
    return fields;
  }

  private static long kilobytes(Map<String, String> fields, String key) {
    return (long) (1024 * number(fields.getOrDefault(key, "").replace(" kB", ""), 0));
  }

  private static double number(String text, double otherwise) {
    try {
      return Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
