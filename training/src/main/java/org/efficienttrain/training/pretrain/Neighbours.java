package org.efficienttrain.training.pretrain;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.efficienttrain.images.ImageDataset;
import org.efficienttrain.images.dataset.SubsetDataset;
import org.efficienttrain.models.Mae;
import org.efficienttrain.tensor.Autocast;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.distributed.Collective;
import org.efficienttrain.training.evaluation.NearestNeighbours;
import org.efficienttrain.training.task.Evaluation;

/**
 * How good an encoder's features are by themselves, on the way: the votes of nearest neighbours.
 */
final class Neighbours implements AutoCloseable {
  /** Images that vote, at most: enough to see a trend, few enough not to slow training. */
  private static final int VOTERS = 5000;

  /** As in DINO. */
  private static final int NEAREST = 20;

  private final NearestNeighbours votes;
  private final Evaluation how;

  private Neighbours(NearestNeighbours votes, Evaluation how) {
    this.votes = votes;
    this.how = how;
  }

  /** Describes labelled images, evenly taken; every rank describes them all. */
  static Neighbours of(Mae network, ImageDataset labelled, Evaluation how) {
    Evaluation.Place place = how.place();
    Evaluation alone =
        new Evaluation(
            how.imageSize(),
            how.bandwidth(),
            how.crop(),
            how.batchSize(),
            new Evaluation.Place(
                place.device(),
                place.precision(),
                place.workers(),
                place.maxBroken(),
                Collective.single(),
                () -> false));
    List<float[]> features = new ArrayList<>();
    List<int[]> classes = new ArrayList<>();
    alone.sums(
        evenly(labelled),
        0,
        (images, labels) -> {
          features.add(features(network, images, how).toFloats());
          classes.add(labels.clone());
          return new double[0];
        });
    int[] labels = classes.stream().flatMapToInt(IntStream::of).toArray();
    float[] all = new float[features.stream().mapToInt(f -> f.length).sum()];
    int at = 0;
    for (float[] part : features) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    int count = labelled.classes().size();
    return new Neighbours(new NearestNeighbours(all, labels, count, NEAREST, place.device()), how);
  }

  private static ImageDataset evenly(ImageDataset labelled) {
    int size = labelled.size();
    if (size <= VOTERS) {
      return labelled;
    }
    int[] chosen = IntStream.range(0, VOTERS).map(i -> (int) ((long) i * size / VOTERS)).toArray();
    return SubsetDataset.of(labelled, chosen);
  }

  private static Tensor features(Mae network, Tensor images, Evaluation how) {
    try (Autocast autocast = Autocast.open(how.place().device(), how.place().precision())) {
      return network.features(images.contiguous()).to(DType.FLOAT32);
    }
  }

  /** Images whose neighbours vote for their class. */
  int hits(Mae network, Tensor images, int[] labels) {
    double[][] all = votes.votes(features(network, images, how));
    int hits = 0;
    for (int i = 0; i < labels.length; i++) {
      int best = 0;
      for (int c = 1; c < all[i].length; c++) {
        best = all[i][c] > all[i][best] ? c : best;
      }
      hits += best == labels[i] ? 1 : 0;
    }
    return hits;
  }

  @Override
  public void close() {
    votes.close();
  }
}
