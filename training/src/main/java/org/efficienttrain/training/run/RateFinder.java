package org.efficienttrain.training.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.efficienttrain.curriculum.Phase;
import org.efficienttrain.images.Progress;
import org.efficienttrain.images.loader.Batch;
import org.efficienttrain.images.loader.BatchStream;
import org.efficienttrain.tensor.Scope;
import org.efficienttrain.training.Job;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.batch.Preparation;
import org.efficienttrain.training.loop.Trainer;

/**
 * The learning-rate range test (Smith, "Cyclical learning rates for training neural networks", WACV
 * 2017): steps at a rate that rises from far too small to far too large, and where the loss fell
 * fastest.
 *
 * @param points rates and losses in the order of the steps
 * @param steepest rate at which the smoothed loss fell fastest; NaN where it never fell
 * @param lowest rate at which the smoothed loss was lowest
 */
public record RateFinder(List<Point> points, double steepest, double lowest) {
  /** Weight of what was before in the smoothed loss. */
  private static final double SMOOTHING = 0.9;

  /** The test ends where the smoothed loss is so many times the lowest. */
  private static final double DIVERGED = 4;

  /** Points on each side of one that its slope is of. */
  private static final int WINDOW = 3;

  /**
   * One step.
   *
   * @param rate learning rate
   * @param loss of its batch
   * @param smoothed mean over the steps so far, the newer ones counting more
   */
  public record Point(double rate, double loss, double smoothed) {}

  /**
   * Takes the steps at full bandwidth, from the weights that a run would start with.
   *
   * @param low first rate, above 0
   * @param high last rate, above {@code low}
   * @param steps at least 10
   */
  public static RateFinder run(Job job, double low, double high, int steps, Progress progress) {
    if (!(low > 0 && low < high && high <= 1e3) || steps < 10 || steps > 100_000) {
      throw new UserError(
          "rates must rise from above 0 to at most 1000, and steps be 10 to 100000, not %s to %s in %d"
              .formatted(low, high, steps));
    }
    List<Point> points = new ArrayList<>();
    try (Trainer trainer = Trainer.of(job, note -> {})) {
      List<Phase> phases = trainer.plan().phases();
      Phase phase = phases.get(phases.size() - 1);
      try (Preparation preparation = trainer.loop().preparation(phase);
          BatchStream batches = trainer.loader().endless(trainer.shape(phase))) {
        double mean = 0;
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < steps; i++) {
          double rate = low * Math.pow(high / low, (double) i / (steps - 1));
          double loss;
          try (Scope scope = Scope.open();
              Batch batch = batches.next()) {
            loss = trainer.loop().take(i, phase, preparation, batch, rate).loss();
          }
          mean = SMOOTHING * mean + (1 - SMOOTHING) * loss;
          double smoothed = mean / (1 - Math.pow(SMOOTHING, i + 1));
          progress.update("steps", i + 1, steps);
          if (!Double.isFinite(loss) || smoothed > DIVERGED * best) {
            break;
          }
          points.add(new Point(rate, loss, smoothed));
          best = Math.min(best, smoothed);
        }
      }
    }
    return of(points);
  }

  /** Judges a curve. */
  public static RateFinder of(List<Point> points) {
    double steepest = Double.NaN;
    double fall = 0;
    double lowest = Double.NaN;
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < points.size(); i++) {
      if (points.get(i).smoothed() < best) {
        best = points.get(i).smoothed();
        lowest = points.get(i).rate();
      }
      if (i >= WINDOW && i + WINDOW < points.size()) {
        double slope = slope(points.subList(i - WINDOW, i + WINDOW + 1));
        if (slope < fall) {
          fall = slope;
          steepest = points.get(i).rate();
        }
      }
    }
    return new RateFinder(List.copyOf(points), steepest, lowest);
  }

  /** Least squares of the smoothed loss over the logarithm of the rate. */
  private static double slope(List<Point> points) {
    double x = points.stream().mapToDouble(p -> Math.log(p.rate())).average().orElseThrow();
    double y = points.stream().mapToDouble(Point::smoothed).average().orElseThrow();
    double xy = 0;
    double xx = 0;
    for (Point p : points) {
      xy += (Math.log(p.rate()) - x) * (p.smoothed() - y);
      xx += (Math.log(p.rate()) - x) * (Math.log(p.rate()) - x);
    }
    return xy / xx;
  }

  /**
   * The rate to try: where the loss fell fastest, but at most a tenth of where it was lowest.
   *
   * @return NaN where the loss never fell, or that rate is below all that were tried
   */
  public double suggestion() {
    double rate = Math.min(steepest, lowest / 10);
    return points.isEmpty() || rate < points.get(0).rate() ? Double.NaN : rate;
  }

  /** The curve in about twenty lines, and what follows from it. */
  public String toText() {
    StringBuilder text = new StringBuilder("learning rate       loss   smoothed\n");
    int every = Math.max(1, points.size() / 20);
    for (int i = 0; i < points.size(); i += every) {
      Point p = points.get(i);
      text.append(
          String.format(Locale.ROOT, "%13.2e %10.4f %10.4f%n", p.rate(), p.loss(), p.smoothed()));
    }
    if (Double.isNaN(suggestion())) {
      return text.append(
              "the loss fell at none of these rates: take more --steps, or other rates\n")
          .toString();
    }
    return text.append(
            String.format(
                Locale.ROOT,
                "fell fastest at %.2e, lowest at %.2e; try --set learningRate=%.2g%n",
                steepest,
                lowest,
                suggestion()))
        .toString();
  }
}
