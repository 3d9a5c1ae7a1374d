package org.efficienttrain.benchmarks;

import java.util.Locale;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.models.Backbones;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Fft;
import org.efficienttrain.tensor.Functional;
import org.efficienttrain.tensor.Generator;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.optim.AdamW;
import org.efficienttrain.tensor.optim.Parameter;
import org.efficienttrain.training.batch.LowFrequencyCrop;

/**
 * The low-frequency crop against its Fourier form, and as a share of a training step of DeiT-Tiny:
 * {@code benchmarks/run.sh CropBenchmark}. All are timed in turn, several rounds in one run.
 */
public final class CropBenchmark {
  private static final int SIZE = 224;
  private static final int BATCH = 32;
  private static final int ROUNDS = 7;

  private CropBenchmark() {}

  public static void main(String[] args) {
    Generator.seed(0);
    Backbone deit = Backbones.create("deit_tiny", 1000, SIZE);
    AdamW optimizer = new AdamW(Parameter.list(deit.namedParameters(), n -> 0.05, n -> 1));
    Tensor images = Tensors.randn(BATCH, 3, SIZE, SIZE);
    Tensor asLoaded = images.channelsLast(); // the order in which pixels come
    Tensor labels = Tensors.arange(BATCH);
    System.out.printf("batch %d, %d pixels, float32, median of %d%n", BATCH, SIZE, ROUNDS);
    for (int bandwidth : new int[] {96, 128, 160, 192}) {
      try (LowFrequencyCrop crop = new LowFrequencyCrop(SIZE, bandwidth, Device.CPU)) {
        Tensor small = Tensors.randn(BATCH, 3, bandwidth, bandwidth);
        double[][] seconds = new double[4][ROUNDS];
        for (int round = -1; round < ROUNDS; round++) { // the first warms up
          double matrix = time(() -> crop.apply(images));
          double loaded = time(() -> crop.apply(asLoaded));
          double fourier = time(() -> Fft.lowFrequencyCrop(images, bandwidth));
          double step = time(() -> step(deit, optimizer, small, labels));
          if (round >= 0) {
            seconds[0][round] = matrix;
            seconds[1][round] = fourier;
            seconds[2][round] = step;
            seconds[3][round] = loaded;
          }
        }
        double matrix = Medians.of(seconds[0]);
        double fourier = Medians.of(seconds[1]);
        double step = Medians.of(seconds[2]);
        System.out.printf(
            Locale.ROOT,
            "B = %d: matrices %.1f ms (%.1f ms on pixels as they come), FFT %.1f ms (%.1fx), DeiT-Tiny step %.0f ms, share %.2f%%%n",
            bandwidth,
            1e3 * matrix,
            1e3 * Medians.of(seconds[3]),
            1e3 * fourier,
            fourier / matrix,
            1e3 * step,
            100 * matrix / (matrix + step));
      }
    }
  }

  private static void step(Backbone deit, AdamW optimizer, Tensor images, Tensor labels) {
    Functional.crossEntropy(deit.forward(images), labels, 0.1).backward();
    optimizer.step(1e-4);
    optimizer.zeroGrad();
  }

  private static double time(Runnable body) {
    long start = System.nanoTime();
    try (Scope scope = Scope.open()) {
      body.run();
    }
    return (System.nanoTime() - start) / 1e9;
  }
}
