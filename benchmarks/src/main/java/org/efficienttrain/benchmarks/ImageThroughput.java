package org.efficienttrain.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.SampleExposure;
import org.efficienttrain.images.augment.AugmentationSpec;
import org.efficienttrain.images.augment.LowFrequency;
import org.efficienttrain.images.augment.Policy;
import org.efficienttrain.images.augment.SampleTransforms;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.images.loader.Batch;
import org.efficienttrain.images.loader.BatchLoader;
import org.efficienttrain.images.loader.BatchShape;
import org.efficienttrain.images.loader.BatchStream;
import org.efficienttrain.images.loader.LoaderSettings;

/**
 * Images per second from files to batches, ours beside torchvision and Pillow with the same
 * transforms and the same number of workers: {@code benchmarks/images.sh}. The two take turns, so
 * that a busy machine is equally busy for both, and the best round of each counts.
 */
public final class ImageThroughput {
  private static final int BATCH = 64;
  private static final int MAGNITUDE = 9;
  private static final int NO_POLICY = -1;

  /** Scenarios run once, uncounted, so that the JVM has compiled everything before the first. */
  private static final int WARM_UPS = 4;

  /**
   * One thing to measure.
   *
   * @param mode how ours gets from the crop of {@code full} pixels to {@code side} pixels
   * @param magnitude of RandAugment, or {@link #NO_POLICY}
   */
  private record Scenario(String name, int side, int full, LowFrequency mode, int magnitude) {}

  private static final List<Scenario> SCENARIOS =
      List.of(
          new Scenario("crop 224, flip", 224, 224, LowFrequency.FOURIER, NO_POLICY),
          new Scenario("crop 160, flip", 160, 160, LowFrequency.FOURIER, NO_POLICY),
          new Scenario("crop 96, flip", 96, 96, LowFrequency.FOURIER, NO_POLICY),
          new Scenario("crop 224, flip, RandAugment", 224, 224, LowFrequency.FOURIER, MAGNITUDE),
          new Scenario("crop 160, flip, RandAugment", 160, 160, LowFrequency.FOURIER, MAGNITUDE),
          new Scenario("crop 96, flip, RandAugment", 96, 96, LowFrequency.FOURIER, MAGNITUDE),
          new Scenario("B = 96 of 224, lanczos", 96, 224, LowFrequency.LANCZOS, NO_POLICY),
          new Scenario("B = 96 of 224, dct", 96, 224, LowFrequency.DCT, NO_POLICY),
          new Scenario("B = 160 of 224, dct", 160, 224, LowFrequency.DCT, NO_POLICY),
          new Scenario("B = 96 of 224, RandAugment, dct", 96, 224, LowFrequency.DCT, MAGNITUDE));

  private final ImageDataset dataset;
  private final int seconds;

  private ImageThroughput(ImageDataset dataset, int seconds) {
    this.dataset = dataset;
    this.seconds = seconds;
  }

  /**
   * Options, each followed by its value: {@code --data FOLDER}, {@code --python PATH}, {@code
   * --opponent FILE}, {@code --workers 1,2}, {@code --seconds 3}, {@code --rounds 3}.
   */
  public static void main(String[] arguments) throws IOException {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      options.put(arguments[i], arguments[i + 1]);
    }
    String data = options.get("--data");
    if (data == null) {
      System.out.println("usage: ImageThroughput --data FOLDER; see benchmarks/images.sh");
      return;
    }
    int rounds = Integer.parseInt(options.getOrDefault("--rounds", "3"));
    int seconds = Integer.parseInt(options.getOrDefault("--seconds", "3"));
    int[] workers =
        Arrays.stream(options.getOrDefault("--workers", "1,2").split(",", -1))
            .mapToInt(Integer::parseInt)
            .toArray();
    ImageDataset dataset = Datasets.open(data, Progress.NONE).get(0).dataset();
    try (Opponent opponent =
        Opponent.start(options.get("--python"), options.get("--opponent"), data)) {
      System.out.printf("%s: %d images, batches of %d%n", data, dataset.size(), BATCH);
      System.out.println("| work | workers | ours, images/s | torchvision, images/s | ratio |");
      System.out.println("|---|---|---|---|---|");
      ImageThroughput ours = new ImageThroughput(dataset, seconds);
      for (int i = 0; i < WARM_UPS; i++) {
        ours.measure(SCENARIOS.get(i), 1);
      }
      for (Scenario scenario : SCENARIOS) {
        for (int count : workers) {
          double best = 0;
          double theirs = 0;
          for (int round = 0; round < rounds; round++) {
            best = Math.max(best, ours.measure(scenario, count));
            theirs = Math.max(theirs, opponent.measure(scenario, count, seconds));
          }
          String row =
              theirs > 0
                  ? "| %s | %d | %.0f | %.0f | %.2f |"
                      .formatted(scenario.name(), count, best, theirs, best / theirs)
                  : "| %s | %d | %.0f | - | - |".formatted(scenario.name(), count, best);
          System.out.println(row);
        }
      }
    }
  }

  private double measure(Scenario scenario, int workers) {
    boolean policy = scenario.magnitude() != NO_POLICY;
    AugmentationSpec spec =
        AugmentationSpec.imagenet(scenario.full())
            .withLowFrequency(scenario.mode())
            .withAugmentAtBandwidth(true);
    if (!policy) {
      spec = spec.withPolicy(Policy.NONE);
    }
    SampleExposure exposure =
        new SampleExposure(scenario.side(), policy ? scenario.magnitude() : 0);
    LoaderSettings settings = LoaderSettings.forTraining(1).withWorkers(workers);
    BatchShape shape = new BatchShape(BATCH, exposure);
    try (BatchLoader loader = new BatchLoader(dataset, SampleTransforms.training(spec), settings);
        BatchStream stream = loader.endless(shape)) {
      read(stream, seconds / 2.0); // the JVM compiles
      return read(stream, seconds);
    }
  }

  private static double read(BatchStream stream, double seconds) {
    long start = System.nanoTime();
    long count = 0;
    double elapsed = 0;
    while (elapsed < seconds) {
      try (Batch batch = stream.next()) {
        count += batch.count();
      }
      elapsed = (System.nanoTime() - start) / 1e9;
    }
    return count / elapsed;
  }

  /** The other side, in a process of its own, which sleeps while it is not asked. */
  private static final class Opponent implements AutoCloseable {
    private final Process process;
    private final PrintWriter questions;
    private final BufferedReader answers;

    private Opponent(Process process) throws IOException {
      this.process = process;
      this.questions =
          process == null
              ? null
              : new PrintWriter(process.outputWriter(StandardCharsets.US_ASCII), true);
      this.answers =
          process == null
              ? null
              : new BufferedReader(
                  new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
      if (process != null && !"ready".equals(answers.readLine())) {
        throw new IOException("the opponent does not start; its messages are above");
      }
    }

    static Opponent start(String python, String script, String data) throws IOException {
      return new Opponent(
          python == null
              ? null
              : new ProcessBuilder(python, script, data)
                  .redirectError(ProcessBuilder.Redirect.INHERIT)
                  .start());
    }

    double measure(Scenario scenario, int workers, int seconds) throws IOException {
      if (process == null) {
        return 0;
      }
      questions.printf(
          Locale.ROOT,
          "%d %d %d %d %d%n",
          scenario.side(),
          scenario.full(),
          scenario.magnitude(),
          workers,
          seconds);
      String answer = answers.readLine();
      if (answer == null) {
        throw new IOException("the opponent has ended; its messages are above");
      }
      return Double.parseDouble(answer);
    }

    @Override
    public void close() {
      if (process != null) {
        questions.close();
        process.destroy();
      }
    }
  }
}
