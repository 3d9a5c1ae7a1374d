package org.efficienttrain.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.tensor.Device;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;
import org.efficienttrain.tensor.Torch;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.evaluation.Inference;
import org.efficienttrain.training.evaluation.TrainedModel;

/**
 * What {@code ./et predict} makes of what decoding and the network allow: images/s of decoding
 * alone, of the network alone, and of both at once. Both share the processor's cores, so what they
 * allow is that an image takes the time of both.
 *
 * <p>Arguments: a run or weights, a folder of images (read as often as makes a thousand), threads.
 */
public final class PredictThroughput {
  private static final int IMAGES = 1000;
  private static final int ROUNDS = 3;

  private PredictThroughput() {}

  public static void main(String[] args) throws IOException {
    Torch.setThreads(Integer.parseInt(args[2]));
    List<Path> found;
    try (Stream<Path> files = Files.walk(Path.of(args[1]))) {
      found = files.filter(Files::isRegularFile).sorted().toList();
    }
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      files.add(found.get(i % found.size()));
    }
    try (TrainedModel model = TrainedModel.open(Path.of(args[0]), TrainedModel.Wanted.any());
        ImageDataset images = Datasets.files(files)) {
      Inference how =
          Inference.of(model.description(), Device.CPU)
              .withMaxBroken(1)
              .withWorkers(Integer.parseInt(args[2]));
      List<Double> shares = new ArrayList<>();
      for (int round = 0; round <= ROUNDS; round++) {
        double decoding = rate(how, images, batch -> batch);
        double network = network(how, model.network()::forward);
        double both = rate(how, images, model.network()::forward);
        double allowed = 1 / (1 / decoding + 1 / network);
        if (round > 0) { // the first warms up
          shares.add(both / allowed);
          System.out.printf(
              Locale.ROOT,
              "decoding %.0f/s, network %.0f/s, together allowed %.0f/s, predicting %.0f/s: %.0f%%%n",
              decoding,
              network,
              allowed,
              both,
              100 * both / allowed);
        }
      }
      Collections.sort(shares);
      System.out.printf(Locale.ROOT, "median %.0f%%%n", 100 * shares.get(ROUNDS / 2));
    }
  }

  private static double rate(Inference how, ImageDataset images, UnaryOperator<Tensor> forward) {
    long start = System.nanoTime();
    how.run(
        images,
        how.transform(),
        Collective.single(),
        forward,
        (batch, output, broken) -> output.select(0, 0).toFloats(),
        Progress.NONE);
    return IMAGES / seconds(start);
  }

  private static double network(Inference how, UnaryOperator<Tensor> forward) {
    int batches = IMAGES / how.batchSize() / 2;
    try (Tensor images = Tensors.rand(how.batchSize(), 3, how.side(), how.side());
        Tensor shaped = images.channelsLast()) {
      long start = System.nanoTime();
      for (int i = 0; i < batches; i++) {
        try (Scope scope = Scope.open()) {
          forward.apply(shaped).select(0, 0).toFloats();
        }
      }
      return batches * how.batchSize() / seconds(start);
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
