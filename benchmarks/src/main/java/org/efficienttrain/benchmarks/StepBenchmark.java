package org.efficienttrain.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.efficienttrain.images.dataset.CacheFolder;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.models.NetworkKernels;
import org.efficienttrain.tensor.Autocast;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.Torch;
import org.efficienttrain.tensor.optim.AdamW;
import org.efficienttrain.tensor.optim.Parameter;
import org.efficienttrain.training.run.ProcessMemory;

/**
 * Our side of {@code benchmarks/steps.sh}: forward, backward and AdamW on a batch of 16, two
 * threads. Takes a turn of so many seconds for each line of the input and answers it with a line;
 * after the last turn it prints images per second of the median step, and the peak of resident
 * memory in MB. The first two turns, in which the JVM compiles what it runs, do not count if there
 * are others.
 */
public final class StepBenchmark {
  private static final int BATCH = 16;
  private static final int WARMING_TURNS = 2;

  private StepBenchmark() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 5) {
      System.out.println(
          "usage: StepBenchmark MODEL SIZE fp32|bf16 SECONDS TURNS, each begun by a line of the input");
      return;
    }
    int size = Integer.parseInt(args[1]);
    DType type = args[2].equals("bf16") ? DType.BFLOAT16 : DType.FLOAT32;
    Torch.setThreads(2);
    Generator.seed(0);
    Backbone network =
        Backbones.options(args[0], 1000, size)
            .withDropPath(args[0].startsWith("resnet") ? 0 : 0.1)
            .build();
    if (args[0].equals("resnet50") || args[0].equals("convnext_tiny")) {
      network.channelsLast();
    }
    NetworkKernels.choose(network, Map.of(size, BATCH), type, CacheFolder.path()).use();
    AdamW optimizer = new AdamW(Parameter.list(network.namedParameters(), n -> 0.05, n -> 1));
    Tensor images = Tensors.randn(BATCH, 3, size, size).channelsLast();
    Tensor labels = Tensors.of(new long[BATCH]);
    double seconds = Double.parseDouble(args[3]);
    List<Double> times = new ArrayList<>();
    int turns = Integer.parseInt(args[4]);
    int warming = Math.min(WARMING_TURNS, turns - 1);
    BufferedReader starts =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (int turn = 1; turn <= turns && starts.readLine() != null; turn++) {
      for (double total = 0; total < seconds; ) {
        long start = System.nanoTime();
        try (Scope scope = Scope.open()) {
          loss(network, images, labels, type).backward();
          optimizer.step(1e-4);
          optimizer.zeroGrad();
        }
        double time = (System.nanoTime() - start) / 1e9;
        total += time;
        if (turn > warming) {
          times.add(time);
        }
      }
      System.out.println("done");
    }
    double median = Medians.of(times.stream().mapToDouble(t -> t).toArray());
    System.out.printf(Locale.ROOT, "%.2f %d%n", BATCH / median, ProcessMemory.peak() >> 20);
  }

  private static Tensor loss(Backbone network, Tensor images, Tensor labels, DType type) {
    try (Autocast autocast = Autocast.open(Device.CPU, type)) {
      Tensor logits = network.forward(images).to(DType.FLOAT32);
      return Functional.crossEntropy(logits, labels, 0.1);
    }
  }
}
