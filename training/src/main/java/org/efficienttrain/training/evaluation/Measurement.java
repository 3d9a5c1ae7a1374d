package org.efficienttrain.training.evaluation;

import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.SampleTransform;
import org.efficienttrain.images.loader.BrokenFiles;
import org.efficienttrain.models.Backbone;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.UserError;

/**
 * Measures a network on labelled images, with other processes where there are some: all ranks make
 * the same calls, each sees its part of the images, and all get the same outcomes.
 */
public final class Measurement {
  private final Backbone network;
  private final Collective ranks;
  private final Progress progress;

  /**
   * @param network in evaluation mode, on the device of what follows
   * @param ranks stays the caller's to close
   * @param progress told as images are done
   */
  public Measurement(Backbone network, Collective ranks, Progress progress) {
    this.network = network;
    this.ranks = ranks;
    this.progress = progress;
  }

  /**
   * What was found on one dataset.
   *
   * @param outcomes of all ranks
   * @param broken images of this rank that could not be used
   * @param seconds wall time
   */
  public record Result(Outcomes outcomes, BrokenFiles broken, double seconds) {}

  /**
   * Classifies images with the head.
   *
   * @param images whose labels are the outputs of the network
   * @param transform what workers do to an image
   * @param what in words, for the progress
   * @throws UserError if no image can be used or the network's outputs are not numbers
   */
  public Result classify(
      Inference how, ImageDataset images, SampleTransform transform, String what) {
    long start = System.nanoTime();
    int classes = network.options().classes();
    Outcomes.Collector collector = new Outcomes.Collector(classes, images.size());
    BrokenFiles broken =
        how.run(
            images,
            transform,
            ranks,
            network::forward,
            (batch, logits, soFar) -> {
              float[] scores = logits.toFloats();
              for (int i = 0; i < batch.count(); i++) {
                collector.add(batch.indices()[i], batch.labels()[i], scores, i * classes);
              }
            },
            named(what));
    return new Result(checked(collector.gather(ranks)), broken, seconds(start));
  }

  /**
   * Classifies images by the training images whose features are most like theirs.
   *
   * @param train images that vote
   * @param test images to classify, with the same classes
   * @param neighbours how many vote, at least 1
   */
  public Result neighbours(Inference how, ImageDataset train, ImageDataset test, int neighbours) {
    long start = System.nanoTime();
    int classes = train.classes().size();
    FeatureBank bank = new FeatureBank(train);
    how.run(
        train,
        how.transform(),
        ranks,
        network::forwardFeatures,
        (batch, features, soFar) -> bank.add(batch.indices(), features.toFloats()),
        named("features of training images"));
    bank.gather(ranks);
    if (bank.size() == 0) {
      throw new UserError("not one of the training images can be used: check their files");
    }
    Outcomes.Collector collector = new Outcomes.Collector(classes, test.size());
    BrokenFiles broken;
    try (NearestNeighbours nearest =
        new NearestNeighbours(bank.features(), bank.labels(), classes, neighbours, how.device())) {
      broken =
          how.run(
              test,
              how.transform(),
              ranks,
              network::forwardFeatures,
              (batch, features, soFar) -> {
                double[][] votes = nearest.votes(features);
                for (int i = 0; i < batch.count(); i++) {
                  collector.add(batch.indices()[i], batch.labels()[i], floats(votes[i]), 0);
                }
              },
              named("neighbours"));
    }
    return new Result(checked(collector.gather(ranks)), broken, seconds(start));
  }

  /** The same progress under another name. */
  private Progress named(String what) {
    return (ignored, done, total) -> progress.update(what, done, total);
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static float[] floats(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }

  private static Outcomes checked(Outcomes outcomes) {
    if (outcomes.size() == 0) {
      throw new UserError("not one of the images can be used: check their files");
    }
    if (outcomes.all().stream().anyMatch(o -> !Double.isFinite(o.loss()))) {
      throw new UserError(
          "the network's outputs are not finite: its weights are damaged, or need --precision"
              + " fp32");
    }
    return outcomes;
  }
}
