package org.efficienttrain.app.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.efficienttrain.tensor.Torch;

/** What is wrong with a machine for training, each in one sentence with what to do about it. */
public final class Advice {
  private static final long GIGABYTE = 1L << 30;

  /** What a small network at 224 pixels needs. */
  private static final long ENOUGH_MEMORY = 4 * GIGABYTE;

  private static final long ENOUGH_DISK = GIGABYTE;

  private Advice() {}

  /**
   * Everything that is wrong, the worst first where one follows from another.
   *
   * @param environment variables of this process
   * @param free bytes free where the cache folder is, negative where nothing can be written
   */
  public static List<String> of(
      Machine machine, Speed speed, Map<String, String> environment, long free) {
    List<String> all = new ArrayList<>();
    for (String variable : Torch.instructionLimits()) {
      if (!environment.getOrDefault(variable, "").isBlank()) {
        all.add(
            "%s=%s hides instructions of the processor: 'unset %s'."
                .formatted(variable, environment.get(variable), variable));
      }
    }
    if (machine.gigahertz() > 0 && !machine.instructions().contains("avx2")) {
      all.add(
          "The processor has no AVX2: training works, but several times slower than elsewhere.");
    }
    if (machine.quota() < machine.cores()) {
      all.add(
          text(
              "The container may use %.1f of %d cores: train with --threads %d and --workers 1.",
              machine.quota(), machine.cores(), Math.max(1, (int) machine.quota())));
    }
    if (machine.memoryLimit() > 0 && machine.memoryLimit() < ENOUGH_MEMORY) {
      all.add(
          text(
              "Only %.1f GB of memory may be used: choose a small network, and --set microBatch=16.",
              machine.memoryLimit() / (double) GIGABYTE));
    } else if (machine.memoryAvailable() > 0 && machine.memoryAvailable() < ENOUGH_MEMORY) {
      all.add(
          text(
              "Only %.1f GB of memory are free: end what holds the rest.",
              machine.memoryAvailable() / (double) GIGABYTE));
    }
    if (machine.load() > 0.75 * machine.cores()) {
      all.add(
          text(
              "Other work keeps %.1f of %d cores busy: wait for it, or train with --threads 1,"
                  + " which it slows down least.",
              Math.min(machine.load(), machine.cores()), machine.cores()));
    }
    double expected = Speed.expected(machine);
    if (speed.float32() < expected) {
      all.add(
          text(
              "A core does %.0f GFLOP/s where at least %.0f are expected: other work, a limit on"
                  + " the processor's time or clock, or one of the variables %s.",
              speed.float32(), expected, String.join(", ", Torch.instructionLimits())));
    }
    if (environment.getOrDefault("MALLOC_TRIM_THRESHOLD_", "").isBlank()
        && machine.gigahertz() > 0) {
      all.add("Not started by ./et, so memory is given back at every step: see docs/training.md.");
    }
    if (free < ENOUGH_DISK) {
      all.add(
          free < 0
              ? "The cache folder cannot be written: set ET_CACHE to one that can."
              : text(
                  "%.1f GB are free where the cache folder is: set ET_CACHE to a larger disk.",
                  free / (double) GIGABYTE));
    }
    return all;
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
