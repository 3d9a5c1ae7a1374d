package org.efficienttrain.curriculum;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts a run into phases.
 *
 * <p>Two ways to cut. A run whose every stage lasts at least {@value #WHOLE_EPOCHS_FROM} epochs is
 * cut between epochs, with the rounding of the official launch scripts, so that it agrees with
 * theirs to the epoch. A shorter run is cut between steps, because whole epochs would distort it:
 * six epochs in five equal stages would become 1, 1, 1, 1, 2.
 */
final class PhaseLayout {
  static final int WHOLE_EPOCHS_FROM = 10;

  /** Absorbs the rounding of products that are whole numbers in exact arithmetic. */
  private static final double EPSILON = 1e-6;

  private final Curriculum curriculum;
  private final PlanRequest request;
  private final List<Stage> stages;
  private final double[] ends;
  private final long[] steps;

  PhaseLayout(Curriculum curriculum, PlanRequest request, Cut cut) {
    this.curriculum = curriculum;
    this.request = request;
    int last = lastStage(curriculum.cumulativeShares(), cut);
    this.stages = cut.isNone() ? curriculum.stages() : stages(curriculum, last);
    this.ends = cut.isNone() ? curriculum.cumulativeShares() : ends(curriculum, last, cut);
    this.steps = cut.isNone() && wholeEpochs() ? stepsInWholeEpochs() : stepsOfShares();
  }

  /** The stage in which a run is cut. */
  private static int lastStage(double[] ends, Cut cut) {
    int stage = 0;
    while (ends[stage] < cut.at() - EPSILON) {
      stage++;
    }
    return stage;
  }

  /** Those up to the cut, and the fine-tuning with the magnitude in force there. */
  private static List<Stage> stages(Curriculum curriculum, int last) {
    List<Stage> stages = new ArrayList<>(curriculum.stages().subList(0, last + 1));
    Stage full = curriculum.stages().get(curriculum.stages().size() - 1);
    stages.add(full.withMagnitude(stages.get(last).magnitude()));
    return stages;
  }

  /** As without the cut, up to it. */
  private static double[] ends(Curriculum curriculum, int last, Cut cut) {
    double[] ends = Arrays.copyOf(curriculum.cumulativeShares(), last + 2);
    if (ends[last] > cut.at() + EPSILON) {
      ends[last] = cut.at();
    }
    ends[last + 1] = ends[last] + cut.annealing();
    return ends;
  }

  /** Steps completed at the end of each stage. */
  List<Long> stageEnds() {
    List<Long> sums = new ArrayList<>();
    long sum = 0;
    for (long count : steps) {
      sum += count;
      sums.add(sum);
    }
    return sums;
  }

  List<Phase> phases() {
    List<Phase> phases = new ArrayList<>();
    EpochPosition start = new EpochPosition(0, 0);
    long step = 0;
    for (int i = 0; i < steps.length; i++) {
      Stage stage = stages.get(i);
      if (steps[i] == 0) {
        continue;
      }
      int last = phases.size() - 1;
      Phase phase = phase(stage, start, step, steps[i]);
      if (last >= 0 && showsTheSame(phases.get(last), phase)) {
        Phase before = phases.remove(last);
        phase = phase(stage, before.start(), before.firstStep(), before.steps() + steps[i]);
      }
      phases.add(phase);
      step = phase.endStep();
      start = phase.positionAt(step, request.images());
    }
    return phases;
  }

  private static boolean showsTheSame(Phase a, Phase b) {
    return a.exposure().equals(b.exposure()) && a.replay() == b.replay();
  }

  /** Whether phases end between epochs. */
  private boolean wholeEpochs() {
    if (request.epochs() != Math.rint(request.epochs())) {
      return false;
    }
    return stages.stream()
        .allMatch(s -> request.epochs() * s.share() / epochWork(s) >= WHOLE_EPOCHS_FROM - EPSILON);
  }

  /**
   * The rounding of the official scripts: a stage at bandwidth B that shows an image k times counts
   * its epochs on a scale where the whole run as this stage takes {@code floor(E / (cost(B) k))} of
   * them. It ends at the floor of its cumulative share of that; a change of k, and then one of the
   * bandwidth, carries the counter to the new scale, rounded to the nearest epoch each time. With
   * the epochs clock and without replay every scale is the same.
   */
  private long[] stepsInWholeEpochs() {
    long[] counts = new long[ends.length];
    double counter = 0;
    Stage before = stages.get(0);
    for (int i = 0; i < counts.length; i++) {
      Stage stage = stages.get(i);
      double start = Math.rint(counter * reuse(before) / reuse(stage));
      start = Math.rint(start * clockCost(before) / clockCost(stage));
      double scale = Math.floor(request.epochs() / epochWork(stage) + EPSILON);
      double end = Math.max(start, Math.floor(scale * ends[i] + EPSILON));
      if (i == counts.length - 1) {
        end = Math.max(end, start + 1);
      }
      counts[i] = Math.round(end - start) * stepsPerEpoch(stage);
      counter = end;
      before = stage;
    }
    return counts;
  }

  /**
   * Exact shares, rounded to steps. The work done so far is summed from the rounded steps, so
   * errors do not add up; the last stage keeps at least one step.
   */
  private long[] stepsOfShares() {
    double work =
        request.epochs() * request.stepsPerEpoch(); // in steps at full bandwidth, or in steps
    long[] counts = new long[ends.length];
    double done = 0;
    for (int i = 0; i < counts.length; i++) {
      Stage stage = stages.get(i);
      double cost = clockCost(stage) * batchMultiplier(stage.bandwidth());
      boolean last = i == counts.length - 1;
      double wanted = Math.rint((work * ends[i] - done) / cost);
      double limit = Math.floor((work - 1 - done) / cost + EPSILON);
      counts[i] = (long) (last ? Math.max(1, wanted) : Math.max(0, Math.min(wanted, limit)));
      done += counts[i] * cost;
    }
    return counts;
  }

  private Phase phase(Stage stage, EpochPosition start, long firstStep, long steps) {
    int bandwidth = stage.bandwidth();
    int multiplier = batchMultiplier(bandwidth);
    int perRank = request.batchSize() * multiplier / request.ranks();
    int microBatch = microBatch(bandwidth, perRank);
    int fresh = freshPerRank(stage) * request.ranks();
    double firstEpoch = request.epochAt(start);
    double epochs = request.epochAt(start.after(steps, fresh, request.images())) - firstEpoch;
    return new Phase(
        new Phase.Span(start, firstEpoch, epochs, firstStep, steps, stepsPerEpoch(stage)),
        stage.exposure(),
        new Phase.StepBatch(
            stage.replay(), perRank * request.ranks(), fresh, microBatch, perRank / microBatch),
        Math.sqrt(multiplier),
        cost(bandwidth));
  }

  /** Memory follows the pixels, so a small bandwidth lets more images through at once. */
  private int microBatch(int bandwidth, int perRank) {
    double ratio = (double) curriculum.imageSize() / bandwidth;
    int fits = (int) Math.min(perRank, Math.floor(request.microBatch() * ratio * ratio + EPSILON));
    while (perRank % fits != 0) {
      fits--;
    }
    return fits;
  }

  private int batchMultiplier(int bandwidth) {
    double ratio = (double) curriculum.imageSize() / bandwidth;
    long wanted = Math.min(request.earlyLargeBatch(), Math.round(ratio * ratio));
    return (int) Math.min(wanted, request.stepsPerEpoch());
  }

  /** Images that one rank loads for a step. */
  private int freshPerRank(Stage stage) {
    int perRank = request.batchSize() * batchMultiplier(stage.bandwidth()) / request.ranks();
    return Math.max(1, perRank / stage.replay());
  }

  /** Steps of one pass over the data. */
  private long stepsPerEpoch(Stage stage) {
    return request.images() / ((long) freshPerRank(stage) * request.ranks());
  }

  /** How often an image is shown in one pass: the stage's replay, up to the division of a batch. */
  private double reuse(Stage stage) {
    int perRank = request.batchSize() * batchMultiplier(stage.bandwidth()) / request.ranks();
    return (double) perRank / freshPerRank(stage);
  }

  private double cost(int bandwidth) {
    return request.costModel().cost(bandwidth, curriculum.imageSize());
  }

  /** Cost of a shown image of a stage in the unit that the clock counts. */
  private double clockCost(Stage stage) {
    return curriculum.clock().work(cost(stage.bandwidth()));
  }

  /** What one pass over the data moves the clock, in epochs. */
  private double epochWork(Stage stage) {
    return clockCost(stage) * reuse(stage);
  }
}
