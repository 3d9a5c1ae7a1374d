package org.efficienttrain.benchmarks;

import java.util.concurrent.TimeUnit;
import org.efficienttrain.images.Image;
import org.efficienttrain.images.RandomSource;
import org.efficienttrain.images.augment.RandAugment;
import org.efficienttrain.images.augment.RandomResizedCrop;
import org.efficienttrain.images.pixel.Affine;
import org.efficienttrain.images.pixel.ColourOps;
import org.efficienttrain.images.pixel.Interpolation;
import org.efficienttrain.images.pixel.Region;
import org.efficienttrain.images.pixel.Resampler;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The arithmetic on pixels that a training sample costs, on a made-up photograph of 400 x 533:
 * {@code benchmarks/run.sh ImageBenchmark}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ImageBenchmark {
  private static final int WIDTH = 400;
  private static final int HEIGHT = 533;

  @Param({"224", "160", "96"})
  private int side;

  private Image photograph;
  private Image sample;
  private long index;

  @Setup
  public void paint() {
    photograph = Image.black(WIDTH, HEIGHT);
    RandomSource random = RandomSource.of(1, 2);
    for (int i = 0; i < photograph.pixels().length; i++) {
      photograph.pixels()[i] = (byte) (i / 40 + random.nextInt(24));
    }
    sample = Resampler.resize(photograph, side, side, Interpolation.BICUBIC);
  }

  @Benchmark
  public Image randomResizedCrop() {
    Region region =
        RandomResizedCrop.standard().sample(WIDTH, HEIGHT, RandomSource.of(1, 0, index++));
    return Resampler.resize(photograph, region, side, side, Interpolation.BICUBIC, true);
  }

  @Benchmark
  public Image randAugment() {
    return RandAugment.standard().apply(sample, 9, RandomSource.of(1, 0, index++));
  }

  @Benchmark
  public Image rotate() {
    return Affine.rotate(sample, 27, 0);
  }

  @Benchmark
  public Image shear() {
    return Affine.shearY(sample, 0.27, 0);
  }

  @Benchmark
  public Image sharpness() {
    return ColourOps.sharpness(sample, 1.5);
  }

  @Benchmark
  public Image equalize() {
    return ColourOps.equalize(sample);
  }
}
