package org.efficienttrain.training.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.images.Progress;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.loop.Trainer;

/**
 * The largest micro-batch that fits in memory at every bandwidth of a plan.
 *
 * <p>On a GPU sizes are tried until one does not fit. On the CPU, where a size too large ends the
 * process, two small ones are measured and a line is drawn through them.
 *
 * @param memoryBytes memory that a process may take
 * @param sizes one for each bandwidth, the smallest first
 */
public record BatchFinder(long memoryBytes, List<Size> sizes) {
  /** Share of the memory that is used: sizes of other operations differ a little. */
  private static final double SAFE = 0.9;

  private static final int MOST = 1 << 14;

  /** Growth of the memory from one measurement to the next; it has to be seen above the noise. */
  private static final double GROWTH = 1.4;

  /**
   * What fits.
   *
   * @param bandwidth B in pixels
   * @param images largest micro-batch
   * @param bytesPerImage memory of one more image; 0 where it was tried, not measured
   */
  public record Size(int bandwidth, int images, long bytesPerImage) {}

  /** Finds them. */
  public static BatchFinder run(Job job, Progress progress) {
    try (Trainer trainer = Trainer.of(job, note -> {})) {
      Map<Integer, Phase> phases = new TreeMap<>();
      trainer.plan().phases().forEach(p -> phases.putIfAbsent(p.bandwidth(), p));
      return job.options().device().isCuda()
          ? tried(job, trainer, phases, progress)
          : measured(trainer, phases, progress);
    }
  }

  private static BatchFinder tried(
      Job job, Trainer trainer, Map<Integer, Phase> phases, Progress progress) {
    List<Size> sizes = new ArrayList<>();
    int images = job.data().train().size();
    for (Phase phase : phases.values()) {
      int fits = 0;
      int tooMany = Math.min(MOST, images) + 1;
      for (int n = 1; n < tooMany && fits(trainer, phase, n); n *= 2) {
        fits = n;
      }
      tooMany = Math.min(tooMany, Math.max(1, 2 * fits));
      while (tooMany - fits > Math.max(1, fits / 16)) {
        int middle = (fits + tooMany) / 2;
        if (fits(trainer, phase, middle)) {
          fits = middle;
        } else {
          tooMany = middle;
        }
      }
      sizes.add(new Size(phase.bandwidth(), fits, 0));
      progress.update("bandwidths", sizes.size(), phases.size());
    }
    return new BatchFinder(0, sizes);
  }

  private static boolean fits(Trainer trainer, Phase phase, int images) {
    try {
      trainer.time(phase.withBatch(images), 0, 2);
      return true;
    } catch (TensorException e) {
      if (e.getMessage().contains("not enough memory")) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Two sizes for each bandwidth, all in the order of the memory they take: what a step frees stays
   * with the process, so only what takes more than all before can be seen.
   */
  private static BatchFinder measured(
      Trainer trainer, Map<Integer, Phase> phases, Progress progress) {
    if (ProcessMemory.now() == 0) {
      throw new UserError(
          "this system does not tell how much memory a process takes: it is no Linux");
    }
    int largest = phases.keySet().stream().mapToInt(b -> b).max().orElseThrow();
    Phase first = phases.values().iterator().next();
    trainer.time(first.withBatch(2), 0, 1); // what is made once
    long base = ProcessMemory.peak();
    double pixels = 4.0 * largest * largest;
    List<long[]> slopes = new ArrayList<>();
    for (Phase phase : phases.values()) {
      int area = phase.bandwidth() * phase.bandwidth();
      int few = (int) Math.ceil(pixels / area);
      int more = (int) Math.ceil(few * GROWTH) + 1;
      long low = peakOf(trainer, phase, few);
      long high = peakOf(trainer, phase, more);
      slopes.add(new long[] {few, low, Math.max(1, (high - low) / (more - few))});
      pixels = GROWTH * more * area;
      progress.update("bandwidths", slopes.size(), phases.size());
    }
    long memory = available();
    List<Size> sizes = new ArrayList<>();
    int i = 0;
    for (Phase phase : phases.values()) {
      long[] s = slopes.get(i++);
      long perImage = Math.max(s[2], (s[1] - base) / s[0]); // the more careful of two estimates
      double fits = (SAFE * memory - base) / perImage;
      sizes.add(
          new Size(
              phase.bandwidth(), (int) Math.max(0, Math.min(MOST, Math.floor(fits))), perImage));
    }
    return new BatchFinder(memory, sizes);
  }

  private static long peakOf(Trainer trainer, Phase phase, int images) {
    trainer.time(phase.withBatch(images), 0, 2);
    return ProcessMemory.peak();
  }

  /** What this process may take: what is free, what it has, and not more than its container. */
  private static long available() {
    long free = ProcessMemory.now() + ProcessMemory.available();
    try {
      String limit = Files.readString(Path.of("/sys/fs/cgroup/memory.max")).strip();
      return limit.equals("max") ? free : Math.min(free, Long.parseLong(limit));
    } catch (IOException | NumberFormatException e) {
      return free;
    }
  }

  /** A table, and the key to set. */
  public String toText() {
    StringBuilder text = new StringBuilder("    B  largest micro-batch  memory an image\n");
    for (Size s : sizes) {
      text.append(
          String.format(
              Locale.ROOT,
              "%5d %20d %16s%n",
              s.bandwidth(),
              s.images(),
              s.bytesPerImage() == 0 ? "-" : "%.1f MB".formatted(s.bytesPerImage() / 1e6)));
    }
    Size full = sizes.get(sizes.size() - 1);
    text.append(
        memoryBytes == 0
            ? "found by trying"
            : String.format(Locale.ROOT, "of %.1f GB of memory", memoryBytes / 1e9));
    return text.append(
            "; set --set microBatch=%d for the full bandwidth, smaller ones then hold more%n"
                .formatted(Math.max(1, full.images())))
        .toString();
  }
}
