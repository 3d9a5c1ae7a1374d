package org.efficienttrain.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.efficienttrain.app.doctor.Advice;
import org.efficienttrain.app.doctor.Machine;
import org.efficienttrain.app.doctor.Speed;
import org.efficienttrain.images.dataset.CacheFolder;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.KernelCache;
import org.efficienttrain.tensor.Precision;
import org.efficienttrain.tensor.Torch;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Looks at the machine and says what to do about what is wrong. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Looks at this machine, and says what to do about what is wrong.",
      "Shows processor, cores, memory and libraries, and measures for about a second. Exit code 1 if"
          + " anything is wrong."
    })
final class DoctorCommand implements Callable<Integer> {
  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    // Read before the test, which is load itself.
    Machine machine = Machine.here();
    String system =
        "%s %s, Java %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.version().feature());
    line(out, "system", system);
    print(out, machine);
    Torch.libraries().forEach((name, version) -> line(out, name, version + hint(name, machine)));
    line(out, "kernels for", Torch.cpuCapability());
    line(out, "kernels chosen", new KernelCache(CacheFolder.path()).remembered().summary());
    out.flush();
    Speed speed = Speed.measure();
    print(out, machine, speed);
    List<String> advice = Advice.of(machine, speed, System.getenv(), freeBytes(CacheFolder.path()));
    out.println();
    if (advice.isEmpty()) {
      out.println("Nothing is wrong.");
    }
    advice.forEach(sentence -> out.println("- " + sentence));
    out.flush();
    return advice.isEmpty() ? 0 : 1;
  }

  private static void print(PrintWriter out, Machine machine) {
    line(
        out,
        "processor",
        machine.gigahertz() > 0
            ? "%s, %.1f GHz".formatted(machine.processor(), machine.gigahertz())
            : machine.processor());
    if (!machine.instructions().isEmpty()) {
      line(out, "instructions", String.join(" ", machine.instructionsInOrder()));
    }
    line(
        out,
        "cores",
        machine.quota() < machine.cores()
            ? "%d, of which the container may use %.1f".formatted(machine.cores(), machine.quota())
            : "%d".formatted(machine.cores()));
    line(
        out,
        "memory",
        "%s, %s free%s"
            .formatted(
                gigabytes(machine.memory()),
                gigabytes(machine.memoryAvailable()),
                machine.memoryLimit() < machine.memory()
                    ? ", the container may use " + gigabytes(machine.memoryLimit())
                    : ""));
    line(out, "Java's part of it", gigabytes(Runtime.getRuntime().maxMemory()) + " at most");
  }

  private static void print(PrintWriter out, Machine machine, Speed speed) {
    double expected = Speed.expected(machine);
    line(
        out,
        "float32",
        "%.0f GFLOP/s a core%s"
            .formatted(
                speed.float32(),
                expected > 0 ? ", expected at least %.0f".formatted(expected) : ""));
    line(out, "bfloat16", "%.0f GFLOP/s a core, %s".formatted(speed.bfloat16(), bfloat16(machine)));
    line(out, "memory moves", "%.0f GB/s".formatted(speed.memory()));
  }

  private static String hint(String library, Machine machine) {
    return library.equals("OpenBLAS") && machine.processor().contains("Intel")
        ? "; Intel's MKL is faster for transformers in float32: docs/doctor.md"
        : "";
  }

  private static String bfloat16(Machine machine) {
    if (Precision.AUTO.on(Device.CPU) == Precision.BF16) {
      return "the default of training here";
    }
    return machine.bfloat16()
        ? "not faster with the processor's instructions for it: training takes float32"
        : "emulated, since the processor has no instructions for it: training takes float32";
  }

  private static String gigabytes(long bytes) {
    return "%.1f GB".formatted(bytes / (double) (1L << 30));
  }

  private static void line(PrintWriter out, String name, String value) {
    out.printf(Locale.ROOT, "%-18s %s%n", name, value);
  }

  /** Bytes free for the cache folder, or -1 where it cannot be made or written. */
  private static long freeBytes(Path folder) {
    try {
      Files.createDirectories(folder);
      return Files.isWritable(folder) ? Files.getFileStore(folder).getUsableSpace() : -1;
    } catch (IOException e) {
      return -1;
    }
  }
}
