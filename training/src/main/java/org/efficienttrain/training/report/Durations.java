package org.efficienttrain.training.report;

/** Lengths of time for people. */
public final class Durations {
  private Durations() {}

  /** Such as {@code 42s}, {@code 3m07s}, {@code 5h12m}, {@code 2d04h}; {@code ?} if not finite. */
  public static String text(double seconds) {
    if (!Double.isFinite(seconds)) {
      return "?";
    }
    long s = Math.round(seconds);
    if (s < 60) {
      return s + "s";
    }
    if (s < 3600) {
      return "%dm%02ds".formatted(s / 60, s % 60);
    }
    return s < 86400
        ? "%dh%02dm".formatted(s / 3600, s / 60 % 60)
        : "%dd%02dh".formatted(s / 86400, s / 3600 % 24);
  }
}
