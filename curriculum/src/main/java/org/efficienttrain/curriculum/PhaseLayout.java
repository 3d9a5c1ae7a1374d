package org.efficienttrain.curriculum;

import java.util.ArrayList;
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
  private final Run run;
  private final double[] ends;

  PhaseLayout(Curriculum curriculum, Run run) {
    this.curriculum = curriculum;
    this.run = run;
    this.ends = curriculum.cumulativeShares();
  }

  List<Phase> phases() {
    boolean wholeEpochs = wholeEpochs();
    long[] steps = wholeEpochs ? stepsInWholeEpochs() : stepsOfShares();
    List<Phase> phases = new ArrayList<>();
    double epoch = 0;
    long step = 0;
    for (int i = 0; i < steps.length; i++) {
      if (steps[i] == 0) {
        continue;
      }
      Phase phase = phase(curriculum.stages().get(i).exposure(), epoch, step, steps[i]);
      int last = phases.size() - 1;
      if (last >= 0 && phases.get(last).exposure().equals(phase.exposure())) {
        Phase before = phases.remove(last);
        phase =
            phase(
                before.exposure(),
                before.firstEpoch(),
                before.firstStep(),
                before.steps() + steps[i]);
      }
      phases.add(phase);
      step = phase.endStep();
      // Without a change of batch size, one division from the start keeps whole epochs exact.
      epoch =
          run.maxBatchMultiplier() == 1
              ? (double) step / run.stepsPerEpoch()
              : Math.rint(phase.endEpoch());
    }
    return phases;
  }

  /**
   * Whether phases end between epochs. The early large batch always does: it changes the number of
   * steps in an epoch, which must not happen inside one.
   */
  private boolean wholeEpochs() {
    if (run.maxBatchMultiplier() > 1) {
      return true;
    }
    if (run.epochs() != Math.rint(run.epochs())) {
      return false;
    }
    return curriculum.stages().stream()
        .allMatch(s -> run.epochs() * s.share() / clockCost(s) >= WHOLE_EPOCHS_FROM - EPSILON);
  }

  /**
   * The rounding of the official scripts: a stage at bandwidth B counts its epochs on a scale where
   * the whole run at B takes {@code floor(E / cost(B))} of them. It ends at the floor of its
   * cumulative share of that; a change of bandwidth carries the counter to the new scale, rounded
   * to the nearest epoch. With the epochs clock every scale is the same.
   */
  private long[] stepsInWholeEpochs() {
    long[] steps = new long[ends.length];
    double counter = 0;
    double previousCost = clockCost(curriculum.stages().get(0));
    for (int i = 0; i < steps.length; i++) {
      Stage stage = curriculum.stages().get(i);
      double cost = clockCost(stage);
      double start = cost == previousCost ? counter : Math.rint(counter * previousCost / cost);
      double scale = Math.floor(run.epochs() / cost + EPSILON);
      double end = Math.max(start, Math.floor(scale * ends[i] + EPSILON));
      if (i == steps.length - 1) {
        end = Math.max(end, start + 1);
      }
      steps[i] = Math.round(end - start) * stepsPerEpoch(stage.bandwidth());
      counter = end;
      previousCost = cost;
    }
    return steps;
  }

  /**
   * Exact shares, rounded to steps. The work done so far is summed from the rounded steps, so
   * errors do not add up; the last stage keeps at least one step.
   */
  private long[] stepsOfShares() {
    double work = run.epochs() * run.stepsPerEpoch(); // in steps at full bandwidth, or in steps
    long[] steps = new long[ends.length];
    double done = 0;
    for (int i = 0; i < steps.length; i++) {
      double cost = clockCost(curriculum.stages().get(i));
      boolean last = i == steps.length - 1;
      double wanted = Math.rint((work * ends[i] - done) / cost);
      double limit = Math.floor((work - 1 - done) / cost + EPSILON);
      steps[i] = (long) (last ? Math.max(1, wanted) : Math.max(0, Math.min(wanted, limit)));
      done += steps[i] * cost;
    }
    return steps;
  }

  private Phase phase(Exposure exposure, double firstEpoch, long firstStep, long steps) {
    int bandwidth = exposure.bandwidth();
    int multiplier = batchMultiplier(bandwidth);
    int batch = run.batchSize() * multiplier;
    int perRank = batch / run.ranks();
    int microBatch = microBatch(bandwidth, perRank);
    long stepsPerEpoch = stepsPerEpoch(bandwidth);
    return new Phase(
        firstEpoch,
        (double) steps / stepsPerEpoch,
        firstStep,
        steps,
        stepsPerEpoch,
        exposure,
        batch,
        microBatch,
        perRank / microBatch,
        Math.sqrt(multiplier),
        cost(bandwidth));
  }

  /** Memory follows the pixels, so a small bandwidth lets more images through at once. */
  private int microBatch(int bandwidth, int perRank) {
    double ratio = (double) curriculum.imageSize() / bandwidth;
    int fits = (int) Math.min(perRank, Math.floor(run.microBatch() * ratio * ratio + EPSILON));
    while (perRank % fits != 0) {
      fits--;
    }
    return fits;
  }

  private int batchMultiplier(int bandwidth) {
    double ratio = (double) curriculum.imageSize() / bandwidth;
    long wanted = Math.min(run.maxBatchMultiplier(), Math.round(ratio * ratio));
    return (int) Math.min(wanted, run.stepsPerEpoch());
  }

  private long stepsPerEpoch(int bandwidth) {
    return run.images() / ((long) run.batchSize() * batchMultiplier(bandwidth));
  }

  private double cost(int bandwidth) {
    return run.costModel().cost(bandwidth, curriculum.imageSize());
  }

  /** Cost of an epoch of a stage in the unit that the clock counts. */
  private double clockCost(Stage stage) {
    return curriculum.clock() == Clock.COMPUTE ? cost(stage.bandwidth()) : 1;
  }
}
