package org.efficienttrain.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.efficienttrain.tensor.nn.BatchNorm2d;
import org.efficienttrain.tensor.nn.Conv2d;
import org.efficienttrain.tensor.nn.Layer;
import org.efficienttrain.tensor.nn.Linear;
import org.efficienttrain.tensor.optim.AdamW;
import org.efficienttrain.tensor.optim.Parameter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Resident memory stays flat over many steps, also while the image size changes. */
@EnabledOnOs(OS.LINUX)
class MemoryTest {
  private static final int STEPS = 2000;
  private static final int WARM_UP = 100;
  private static final int[] SIZES = {16, 24, 20, 32};

  private static final class Net extends Layer {
    private final List<Layer> layers =
        children("layers", List.of(new Conv2d(3, 16, 3, 2, 1), new BatchNorm2d(16)));
    private final Linear head = child("head", new Linear(16, 10));

    @Override
    public Tensor forward(Tensor x) {
      try (Scope scope = Scope.open()) {
        Tensor features = Functional.gelu(chain(x, layers)).relu();
        return scope.keep(head.forward(Functional.globalAvgPool(features)));
      }
    }
  }

  @Test
  void residentMemoryGrowsByLessThanTwoPercent() throws IOException {
    Torch.setThreads(1); // tiny operations: more threads only wait for each other
    Net net = new Net();
    AdamW optimizer = new AdamW(Parameter.list(net.namedParameters(), n -> 0.05, n -> 1));
    run(net, optimizer, WARM_UP);
    // A leak grows in every window; the JVM's own heap and compiler grow in some.
    double smallest = Double.MAX_VALUE;
    for (int window = 0; window < 4; window++) {
      long before = settled();
      run(net, optimizer, STEPS);
      smallest = Math.min(smallest, (settled() - before) / (double) before);
    }
    assertThat(smallest).as("growth of resident memory over %d steps", STEPS).isLessThan(0.02);
  }

  private static void run(Net net, AdamW optimizer, int steps) {
    for (int step = 0; step < steps; step++) {
      train(net, optimizer, SIZES[step / 25 % SIZES.length]);
    }
  }

  private static void train(Net net, AdamW optimizer, int size) {
    try (Scope scope = Scope.open()) {
      Tensor x = Tensors.randn(8, 3, size, size).channelsLast();
      Tensor labels = Tensors.of(new long[] {0, 1, 2, 3, 4, 5, 6, 7});
      Tensor loss;
      try (Autocast autocast = Autocast.open(Device.CPU, DType.BFLOAT16)) {
        loss = Functional.crossEntropy(net.forward(x), labels, 0.1);
      }
      loss.backward();
      optimizer.step(1e-3);
      optimizer.zeroGrad();
    }
  }

  /** Resident bytes after a collection, so that the Java heap's own growth does not count. */
  private static long settled() throws IOException {
    System.gc();
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw new IOException("no VmRSS in /proc/self/status");
  }
}
