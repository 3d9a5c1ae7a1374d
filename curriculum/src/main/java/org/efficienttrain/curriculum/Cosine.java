package org.efficienttrain.curriculum;

/**
 * A learning rate that climbs linearly to its peak and then follows half a cosine.
 *
 * <p>Rebuilds the official per-step table: with n values, w of them for the warm-up, the rate
 * climbs from 0 at value 0 to the peak at value w - 1 (both ends of the ramp are in the table), is
 * the peak again at value w, and then follows half a cosine that would reach the minimum at value
 * n, one past the last.
 *
 * @param peak highest rate, above 0
 * @param minimum rate the cosine decays to, in [0, peak]
 * @param warmupEpochs length of the warm-up in passes over the data, repetitions from a replay
 *     buffer counted, as in the official code: 20 epochs are equally many steps at every bandwidth
 * @param warmupShare length of the warm-up as a share of the clock, in [0, 1), instead of epochs
 *     where above 0; the official DeiT script for EfficientTrain++ has 0.2
 */
public record Cosine(double peak, double minimum, double warmupEpochs, double warmupShare) {

  /**
   * Checks the ranges.
   *
   * @throws CurriculumException naming what is out of range
   */
  public Cosine {
    if (!(peak > 0) || Double.isInfinite(peak) || !(minimum >= 0 && minimum <= peak)) {
      throw new CurriculumException(
          "The peak learning rate %s must be above 0 and the minimum %s between 0 and it."
              .formatted(peak, minimum));
    }
    if (!(warmupShare >= 0 && warmupShare < 1)) {
      throw new CurriculumException(
          "A warm-up takes a share of the run from 0 to below 1, not " + warmupShare + ".");
    }
    if (!(warmupEpochs >= 0)) {
      throw new CurriculumException("A warm-up takes 0 epochs or more, not " + warmupEpochs + ".");
    }
  }

  /** With a warm-up of some passes over the data. */
  public static Cosine afterEpochs(double peak, double minimum, double warmupEpochs) {
    return new Cosine(peak, minimum, warmupEpochs, 0);
  }

  /** With a warm-up of a share of the clock. */
  public static Cosine afterShare(double peak, double minimum, double warmupShare) {
    return new Cosine(peak, minimum, 0, warmupShare);
  }

  /**
   * The rate at a point.
   *
   * @param at 0 to {@code end}, in any unit
   * @param rampEnd where the ramp reaches the peak, at most {@code warmup}
   * @param warmup where the cosine starts, below {@code end}
   * @param end where the cosine reaches the minimum
   */
  double value(double at, double rampEnd, double warmup, double end) {
    if (at < rampEnd) {
      return peak * at / rampEnd;
    }
    if (at <= warmup) {
      return peak;
    }
    double done = (Math.min(at, end) - warmup) / (end - warmup);
    return minimum + 0.5 * (peak - minimum) * (1 + Math.cos(Math.PI * done));
  }
}
