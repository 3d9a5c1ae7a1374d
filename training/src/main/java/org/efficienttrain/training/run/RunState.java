package org.efficienttrain.training.run;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import java.util.Arrays;
import java.util.Map;
import org.efficienttrain.tensor.KernelChoices;
import org.efficienttrain.training.task.Metrics;

/** How far a run has come, in numbers: what a checkpoint holds besides tensors. */
@JsonAutoDetect(fieldVisibility = Visibility.ANY)
public final class RunState {
  /** Optimiser steps taken, skipped ones included. */
  long step;

  /** Steps whose loss or gradients were not finite, and so changed nothing. */
  long skippedSteps;

  int skippedInARow;

  /** The step of the last evaluation; -1 before the first. */
  long evaluatedStep = -1;

  /** Training loss since the last evaluation. */
  double lossSum;

  long lossCount;

  /** The best main metric at the highest bandwidth so far; it counts once there is a best step. */
  double best;

  int bestBandwidth;
  long bestStep = -1;

  /** Result of the last evaluation. */
  Metrics result;

  Metrics averaged;

  double trainingSeconds;
  double evaluationSeconds;
  double checkpointSeconds;
  double waitingSeconds;

  /** Per phase of the plan. */
  long[] phaseImages;

  double[] phaseSeconds;

  double lossScale = 1;
  long stepsSinceOverflow;

  /** How operations are computed, from {@link KernelChoices#toMap}; null before the start. */
  Map<String, String> kernels;

  /** Length of the metrics file when this was written; what lies behind belongs to no step here. */
  public long metricsBytes;

  /** For reading. */
  public RunState() {}

  public RunState(int phases) {
    phaseImages = new long[phases];
    phaseSeconds = new double[phases];
  }

  /** Counts a step that was taken or skipped. */
  public void count(int phase, int images, double loss, boolean taken, double seconds) {
    step++;
    trainingSeconds += seconds;
    phaseImages[phase] += images;
    phaseSeconds[phase] += seconds;
    if (taken) {
      skippedInARow = 0;
      lossSum += loss;
      lossCount++;
    } else {
      skippedInARow++;
      skippedSteps++;
    }
  }

  /** Mean training loss since the last evaluation; NaN where none was trained. */
  public double meanLoss() {
    return lossCount == 0 ? Double.NaN : lossSum / lossCount;
  }

  /**
   * Records an evaluation. One at a higher bandwidth is always the better one: metrics at different
   * bandwidths do not compare.
   *
   * @return whether it is the best so far
   */
  public boolean record(int bandwidth, Metrics weights, Metrics average) {
    result = weights;
    averaged = average;
    evaluatedStep = step;
    lossSum = 0;
    lossCount = 0;
    Metrics.Metric main = (average == null ? weights : average).main();
    boolean better =
        bandwidth > bestBandwidth || (bandwidth == bestBandwidth && main.betterThan(best));
    if (better) {
      best = main.value();
      bestBandwidth = bandwidth;
      bestStep = step;
    }
    return better;
  }

  public long imagesSeen() {
    return Arrays.stream(phaseImages).sum();
  }
}
