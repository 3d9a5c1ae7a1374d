package org.efficienttrain.benchmarks;

import java.util.concurrent.TimeUnit;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.Torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What crossing into libtorch costs: {@code benchmarks/run.sh TensorBenchmark}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TensorBenchmark {
  private Tensor tensor;

  @Setup
  public void create() {
    Torch.setThreads(1);
    tensor = Tensors.ones(16);
  }

  @TearDown
  public void free() {
    tensor.close();
  }

  /** A view of a tensor and its release: the smallest operation there is. */
  @Benchmark
  public void viewAndClose() {
    tensor.view(4, 4).close();
  }

  /** The same inside a scope that frees it. */
  @Benchmark
  public void viewInScope() {
    try (org.efficienttrain.tensor.Scope scope = org.efficienttrain.tensor.Scope.open()) {
      tensor.view(4, 4);
    }
  }
}
