package org.efficienttrain.training.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.efficienttrain.tensor.distributed.Collective;

/**
 * What a network said about labelled images.
 *
 * @param classes number of classes
 * @param all one for each image that could be used, in the order of the dataset
 */
public record Outcomes(int classes, List<Outcome> all) {
  public Outcomes {
    all = List.copyOf(all);
  }

  /** Number of images. */
  public int size() {
    return all.size();
  }

  /**
   * Share of images whose first guesses hold the right class.
   *
   * @param guesses how many, at least 1
   */
  public double topAccuracy(int guesses) {
    return (double) all.stream().filter(outcome -> outcome.place() < guesses).count() / size();
  }

  /** Mean cross-entropy. */
  public double loss() {
    return all.stream().mapToDouble(Outcome::loss).sum() / size();
  }

  /** Collects outcomes in any order; each rank its own images. */
  public static final class Collector {
    private static final int COLUMNS = 5;

    /** Numbers that travel between ranks at once: 8 MB. */
    private static final int BLOCK = 1 << 20;

    private final int classes;

    /** A row for each image of the dataset: label + 1 (0: not seen), prediction, place, ... */
    private final double[] rows;

    /**
     * Starts empty.
     *
     * @param classes number of classes
     * @param images number of images in the dataset
     */
    public Collector(int classes, int images) {
      this.classes = classes;
      this.rows = new double[Math.multiplyExact(images, COLUMNS)];
    }

    /**
     * Adds one image.
     *
     * @param index its number in the dataset
     * @param label its class
     * @param scores logits, or anything else that grows with what the network believes, such as
     *     votes of neighbours; those of this image start at {@code from}
     */
    public void add(int index, int label, float[] scores, int from) {
      int best = 0;
      int place = 0;
      for (int c = 0; c < classes; c++) {
        float score = scores[from + c];
        best = score > scores[from + best] ? c : best;
        float right = scores[from + label];
        place += score > right || (score == right && c < label) ? 1 : 0;
      }
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        sum += Math.exp((double) scores[from + c] - scores[from + best]);
      }
      int at = index * COLUMNS;
      rows[at] = label + 1;
      rows[at + 1] = best;
      rows[at + 2] = place;
      rows[at + 3] = 1 / sum;
      rows[at + 4] = Math.log(sum) + scores[from + best] - scores[from + label];
    }

    /**
     * All ranks' outcomes, the same to the bit on every rank: each row comes from one rank, and is
     * added to zeros.
     */
    public Outcomes gather(Collective ranks) {
      for (int from = 0; ranks.worldSize() > 1 && from < rows.length; from += BLOCK) {
        int end = Math.min(rows.length, from + BLOCK);
        System.arraycopy(ranks.sum(Arrays.copyOfRange(rows, from, end)), 0, rows, from, end - from);
      }
      List<Outcome> seen = new ArrayList<>();
      for (int at = 0; at < rows.length; at += COLUMNS) {
        if (rows[at] > 0) {
          seen.add(
              new Outcome(
                  at / COLUMNS,
                  (int) rows[at] - 1,
                  (int) rows[at + 1],
                  (int) rows[at + 2],
                  rows[at + 3],
                  rows[at + 4]));
        }
      }
      return new Outcomes(classes, seen);
    }
  }
}
